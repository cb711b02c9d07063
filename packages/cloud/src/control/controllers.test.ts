import { manualClock, silentLog } from "@trysail/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backOffMs, createWorkQueue } from "./controllers.ts";

const item = (key: string) => ({ controller: "c", scope: { account: "a", region: "r" }, key });

/** Work that is done when the test says so. */
function gate() {
  let open = () => {};
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { open, passed };
}

describe("work queue", () => {
  it("reconciles a key once for all that was added meanwhile, and never twice at once", async () => {
    const gates = [gate(), gate()];
    let runs = 0;
    let atOnce = 0;
    let mostAtOnce = 0;
    const queue = createWorkQueue({
      clock: manualClock(),
      log: silentLog,
      async reconcile() {
        mostAtOnce = Math.max(mostAtOnce, ++atOnce);
        await gates[runs++]?.passed;
        atOnce -= 1;
        return undefined;
      },
    });
    queue.add(item("x"));
    await Promise.resolve();
    for (let i = 0; i < 5; i++) queue.add(item("x"));
    gates.forEach(({ open }) => open());
    await queue.idle();
    expect({ runs, mostAtOnce }).toEqual({ runs: 2, mostAtOnce: 1 });
  });

  it("looks again at the time that was asked for, and not before", async () => {
    const clock = manualClock();
    const start = clock.now();
    const seen: number[] = [];
    const queue = createWorkQueue({
      clock,
      log: silentLog,
      reconcile: () => Promise.resolve(seen.push(clock.now() - start) < 3 ? clock.now() + 1000 : undefined),
    });
    clock.settle = () => queue.idle();
    queue.add(item("x"));
    await clock.advance({ seconds: 10 });
    expect(seen).toEqual([0, 1000, 2000]);
  });

  it("tries a failing key again, ever later, and tells of it until it succeeds", async () => {
    const clock = manualClock();
    const start = clock.now();
    const seen: number[] = [];
    const queue = createWorkQueue({
      clock,
      log: silentLog,
      reconcile: () =>
        seen.push(clock.now() - start) < 4 ? Promise.reject(new Error("not yet")) : Promise.resolve(undefined),
    });
    clock.settle = () => queue.idle();
    queue.add(item("x"));
    await clock.advance({ ms: 300 });
    expect(queue.failing()).toMatchObject([{ failures: 3, error: "not yet" }]);
    await clock.advance({ minutes: 1 });
    expect(seen).toEqual([0, 100, 300, 700]);
    expect(queue.failing()).toEqual([]);
  });

  it("stops after what runs, and takes nothing more", async () => {
    const running = gate();
    const seen: string[] = [];
    const queue = createWorkQueue({
      clock: manualClock(),
      log: silentLog,
      async reconcile({ key }) {
        await running.passed;
        seen.push(key);
        return undefined;
      },
    });
    queue.add(item("first"));
    const stopped = queue.stop();
    queue.add(item("late"));
    running.open();
    await stopped;
    expect(seen).toEqual(["first"]);
  });

  it("backs off between 100 ms and a minute, never less than before", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (failures) => {
        expect(backOffMs(failures)).toBeGreaterThanOrEqual(100);
        expect(backOffMs(failures)).toBeLessThanOrEqual(60_000);
        expect(backOffMs(failures + 1)).toBeGreaterThanOrEqual(backOffMs(failures));
      }),
    );
  });
});
