import type { RegionState, RolloutStore } from "@trysail/delivery";
import { describe, expect, it } from "vitest";
import { after, begin, memoryStore, rollout, storeAll, task, unwatched } from "./rollout.test-kit.ts";
import { meaningOf, steer } from "./steer.ts";

const id = "playback-prod.1";
const now = () => after(60);
const pausing: RegionState = {
  phase: "running",
  task,
  step: 1,
  since: after(0),
  reachedAt: after(10),
  isPromoted: false,
  watch: unwatched,
};
const abort = { kind: "abort", reason: "wrong build" } as const;

describe("a command", () => {
  it("is written, whatever a worker writes at the same time, and is announced", async () => {
    const store = memoryStore();
    await storeAll(store, { id });
    let writes = 0;
    const busy: RolloutStore = {
      ...store,
      async write(before, stored) {
        writes += 1;
        const lease = { worker: "one", until: after(30 + writes) };
        if (writes < 3) await store.write(before, { ...before.value, lease });
        return store.write(before, stored);
      },
    };
    await steer(busy, id, { kind: "pause" }, now);
    const { value } = (await store.read(id))!;
    expect([writes, value.rollout.isPaused, value.lease?.until]).toEqual([3, true, after(32)]);
    expect(value.outbox.map(({ text }) => text)).toEqual(["rollout of 8f3a2c1 is running, paused"]);
  });

  it("that has no meaning now says so, and is not written", async () => {
    const store = memoryStore();
    await storeAll(store, { id, status: "succeeded", endedAt: after(9) });
    await expect(steer(store, id, { kind: "pause" }, now)).rejects.toThrow("there is nothing to pause");
    await expect(steer(store, id, abort, now)).rejects.toThrow("there is nothing to abort");
  });

  it("gives up where others write all the time", async () => {
    const store = memoryStore();
    await storeAll(store, { id });
    const never: RolloutStore = { ...store, write: () => Promise.resolve(undefined) };
    await expect(steer(never, id, { kind: "pause" }, now)).rejects.toMatchObject({ code: "rollout-busy" });
  });
});

describe("an abort of a halted rollout", () => {
  const halted: RegionState = { phase: "halted", task, reason: "denied", at: after(9), left: "All of it." };
  const given = {
    id,
    status: "halted",
    reason: "us-west-2: denied",
    endedAt: after(9),
    regions: { "us-west-2": halted },
  } as const;

  it("takes it up again, where it was put away, and its cluster with it", async () => {
    const store = memoryStore();
    await storeAll(store, given);
    expect(await store.open()).toEqual([]);
    const { after: undoing } = await steer(store, id, abort, now);
    expect(undoing.status).toBe("undoing");
    expect(await store.open()).toEqual([id]);
    expect((await store.read(id))?.value.rollout.regions["us-west-2"]?.phase).toBe("undoing");
    expect(await store.take(rollout().spec.cluster, "playback-prod.2")).toBe(false);
  });

  it("is refused where it has changed nothing", async () => {
    const store = memoryStore();
    await storeAll(store, { ...given, regions: { "us-west-2": { ...halted, task: undefined } } });
    await expect(steer(store, id, abort, now)).rejects.toThrow(`${id} has changed nothing that could be undone.`);
    expect(await store.open()).toEqual([]);
  });

  it("is refused once another rollout has changed the cluster, or does", async () => {
    for (const status of ["succeeded", "running"] as const) {
      const store = memoryStore();
      await storeAll(store, given, { id: "playback-prod.2", createdAt: begin + 1, status });
      await expect(steer(store, id, abort, now)).rejects.toThrow(
        "playback-prod.1 cannot be undone any more: playback-prod.2 has changed its cluster since.",
      );
      expect((await store.read(id))?.value.rollout.status).toBe("halted");
    }
  });
});

it.each([
  [
    { kind: "pause" },
    { regions: {} },
    /^playback-prod\.1 is paused: nothing more is exposed until `trysail rollout resume`/,
  ],
  [{ kind: "resume" }, { isPaused: true }, /^playback-prod\.1 goes on\.$/],
  [{ kind: "promote" }, { regions: { "us-east-1": pausing } }, /: us-east-1 goes on without the rest of the pause\.$/],
  [
    { kind: "promote" },
    {
      regions: {
        "us-west-2": { phase: "succeeded", task, at: after(50), watch: unwatched },
        "us-east-1": { phase: "pending" },
        "eu-west-1": { phase: "pending" },
      },
    },
    /: the next wave begins without the rest of the bake time\.$/,
  ],
  [abort, {}, /^playback-prod\.1 was taken back before it began anywhere: nothing was changed\.$/],
  [abort, { status: "queued" }, /^playback-prod\.1 was taken back before its turn: nothing was changed\.$/],
  [
    abort,
    { regions: { "us-east-1": pausing } },
    /^playback-prod\.1 is being undone: us-east-1 goes back to what served before 8f3a2c1\.$/,
  ],
  [
    abort,
    {
      status: "undoing",
      reason: "us-east-1: alarm",
      failedAt: after(15),
      regions: { "us-east-1": { phase: "undoing", task, reason: "alarm", since: after(15) } },
    },
    /^playback-prod\.1 is being undone already since 45 s: us-east-1: alarm$/,
  ],
] as const)("%j says what it means now", async (command, given, meaning) => {
  const store = memoryStore();
  await storeAll(store, { id, ...given });
  const steered = await steer(store, id, command, now);
  expect(meaningOf(command, steered.before, steered.after, now())).toMatch(meaning);
});
