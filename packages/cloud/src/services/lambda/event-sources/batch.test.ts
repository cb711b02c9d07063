import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { afterBatch, afterGivingUp, nextStep, waitMs } from "./batch.ts";
import type { Result, Waiting } from "./batch.ts";
import { freshLane, lanesOf, readFrom } from "./model.ts";
import type { Lane, Part } from "./model.ts";

const sequenceOf = (n: number) => String(n).padStart(6, "0");
const recordsOf = (count: number): Waiting[] =>
  Array.from({ length: count }, (_, n) => ({ sequence: sequenceOf(n + 1), arrivedAt: 0, readAt: 0, bytes: 10 }));
const settings = { batchSize: 3, windowSeconds: 0, maximumRetries: 2, bisects: false };
const limits = { settings, oldestMs: Infinity, bytes: 1000 };
const caughtUp = { to: sequenceOf(99), isCaughtUp: true, isAtEnd: false };
const part = (until: number, more: Partial<Part> = {}): Part => ({
  until: sequenceOf(until),
  failures: 0,
  attempts: 0,
  ...more,
});

describe("the next batch", () => {
  it("is as large as it may be, and waits for more as long as the window says", () => {
    expect(nextStep(freshLane, recordsOf(5), limits, caughtUp, 0)).toMatchObject({ step: "invoke", size: 3 });
    expect(nextStep(freshLane, recordsOf(5), { ...limits, bytes: 25 }, caughtUp, 0)).toMatchObject({ size: 2 });
    const slow = { ...limits, settings: { batchSize: 3, windowSeconds: 5 } };
    expect(nextStep(freshLane, recordsOf(2), slow, caughtUp, 0)).toEqual({ step: "wait", until: 5000 });
    expect(nextStep(freshLane, recordsOf(2), slow, caughtUp, 5000)).toMatchObject({ step: "invoke", size: 2 });
    expect(nextStep(freshLane, recordsOf(2), slow, { ...caughtUp, isAtEnd: true }, 0)).toMatchObject({ size: 2 });
  });

  it("is given up where it is too old or too large, and left out where nothing of it is there any more", () => {
    expect(nextStep(freshLane, recordsOf(2), { ...limits, oldestMs: 10 }, caughtUp, 11)).toMatchObject({
      step: "give-up",
      size: 2,
      condition: "RecordAgeExceeded",
    });
    expect(nextStep(freshLane, recordsOf(2), { ...limits, bytes: 9 }, caughtUp, 0)).toMatchObject({
      step: "give-up",
      size: 1,
    });
    const lane: Lane = { after: sequenceOf(1), parts: [part(3), part(5)], dueAt: 9 };
    expect(nextStep(lane, recordsOf(8).slice(5), limits, caughtUp, 0)).toEqual({
      step: "skip",
      lane: { after: sequenceOf(3), parts: [part(5)], dueAt: 0 },
    });
    expect(nextStep(lane, [], limits, { ...caughtUp, to: sequenceOf(2), isCaughtUp: false }, 0).step).toBe("idle");
  });
});

describe("a batch that fails", () => {
  const three = recordsOf(3).map(({ sequence }) => sequence);

  it("is tried again as often as it may be", () => {
    const first = afterBatch(freshLane, part(3), three, { status: "failed" }, settings, 0);
    expect(first).toEqual({ lane: { after: undefined, parts: [part(3, { failures: 1, attempts: 1 })], dueAt: 1000 } });
    const last = afterBatch(first.lane, part(3, { failures: 2 }), three, { status: "failed" }, settings, 0);
    expect(last).toEqual({ lane: { after: sequenceOf(3), parts: [], dueAt: 0 }, givenUpFrom: 0 });
    const throttled = afterBatch(freshLane, part(3, { failures: 2 }), three, { status: "unreached" }, settings, 0);
    expect(throttled.lane.parts).toEqual([part(3, { failures: 2, attempts: 1 })]);
  });

  it("is split in two, which is no retry, or goes on where its function says", () => {
    const bisects = { maximumRetries: 0, bisects: true };
    expect(afterBatch(freshLane, part(3), three, { status: "failed" }, bisects, 0).lane.parts).toEqual([
      part(2, { attempts: 1 }),
      part(3, { attempts: 1 }),
    ]);
    const partly: Result = { status: "failed-from", index: 1 };
    expect(afterBatch(freshLane, part(3), three, partly, settings, 0).lane).toEqual({
      after: sequenceOf(1),
      parts: [part(3, { failures: 1, attempts: 1 })],
      dueAt: 1000,
    });
    expect(afterBatch(freshLane, part(3), three, partly, { ...settings, maximumRetries: 0 }, 0)).toMatchObject({
      lane: { after: sequenceOf(3) },
      givenUpFrom: 1,
    });
  });

  it("waits ever longer, up to a minute", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (attempts) => {
        expect(waitMs(attempts)).toBeGreaterThanOrEqual(1000);
        expect(waitMs(attempts)).toBeLessThanOrEqual(60_000);
        expect(waitMs(attempts + 1)).toBeGreaterThanOrEqual(waitMs(attempts));
      }),
    );
  });
});

/** Records that always fail, calls that fail by chance, and how the function tells of what has failed. */
const worlds = fc.record({
  count: fc.integer({ min: 0, max: 30 }),
  poison: fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 5 }),
  chance: fc.infiniteStream(fc.constantFrom("fine", "fine", "failed", "unreached", "crash")),
  tells: fc.boolean(),
  batchSize: fc.integer({ min: 1, max: 12 }),
  maximumRetries: fc.integer({ min: 0, max: 3 }),
  bisects: fc.boolean(),
  oldestMs: fc.constantFrom(Infinity, 20_000),
});

describe("a lane", () => {
  it("hands over every record or gives it up, in order, whatever its function does", () => {
    fc.assert(
      fc.property(worlds, ({ count, poison, chance, tells, batchSize, maximumRetries, bisects, oldestMs }) => {
        const all = recordsOf(count);
        const bad = new Set(poison.map(sequenceOf));
        let lane = freshLane;
        let now = 0;
        const ended: string[] = [];
        const end = (records: readonly string[]) => {
          ended.push(...records);
          // What is done is never behind what is not: the lane goes on right behind it.
          expect(lane.after ?? sequenceOf(0)).toBe(ended.at(-1) ?? sequenceOf(0));
        };
        for (let turns = 0; ended.length < count; turns++) {
          expect(turns).toBeLessThan(2000);
          const waiting = all.filter(({ sequence }) => sequence > (lane.after ?? ""));
          const step = nextStep(
            lane,
            waiting,
            { settings: { batchSize, windowSeconds: 0 }, oldestMs, bytes: 50 },
            caughtUp,
            now,
          );
          if (step.step === "wait") {
            expect(step.until).toBeGreaterThan(now);
            now = step.until;
            continue;
          }
          if (step.step === "give-up") {
            expect(oldestMs).not.toBe(Infinity);
            const old = waiting.slice(0, step.size).map(({ sequence }) => sequence);
            lane = afterGivingUp(lane, old.at(-1) ?? "");
            end(old);
            continue;
          }
          if (step.step !== "invoke") throw new Error(`nothing is done: ${step.step}`);
          const batch = waiting.slice(0, step.size).map(({ sequence }) => sequence);
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(Math.min(batchSize, 5));
          const luck = chance.next().value;
          // Killed before it was kept how the batch went: it comes again.
          if (luck === "crash") continue;
          const first = batch.findIndex((sequence) => bad.has(sequence));
          const result: Result =
            luck === "unreached" || (luck === "failed" && !tells)
              ? { status: luck }
              : first < 0
                ? { status: "succeeded" }
                : tells
                  ? { status: "failed-from", index: first }
                  : { status: "failed" };
          const before = lane.after ?? "";
          const after = afterBatch(lane, step.part, batch, result, { maximumRetries, bisects }, now);
          lane = after.lane;
          const left = batch.slice(0, after.givenUpFrom ?? batch.length).filter((one) => one <= (lane.after ?? ""));
          // Nothing that failed counts as done but what is given up.
          for (const one of left) expect(result.status === "succeeded" || !bad.has(one)).toBe(true);
          expect((lane.after ?? "") >= before).toBe(true);
          end(batch.filter((one) => one <= (lane.after ?? "")));
        }
        expect(ended).toEqual(all.map(({ sequence }) => sequence));
      }),
    );
  });

  it("goes on, where there are to be more or fewer of them, behind what all of them have done", () => {
    const at = (after?: number): Lane => ({ ...freshLane, after: after === undefined ? undefined : sequenceOf(after) });
    expect(lanesOf([at(5), at(3), at(9)], 2)).toEqual([at(3), at(3)]);
    expect(lanesOf([at(5), at()], 1)).toEqual([at()]);
    expect(readFrom([at(5), at(3)])).toBe(sequenceOf(3));
    expect(readFrom([at(5), at()])).toBeUndefined();
  });
});
