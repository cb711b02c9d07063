import { silentLog } from "@trysail/core";
import { describe, expect, it } from "vitest";
import { commanded } from "../plan/rollout.ts";
import { fresh, old, second, specWith } from "../plan/specs.test-kit.ts";
import { world } from "../plan/world.test-kit.ts";
import { memoryBucket } from "../store/bucket.test-kit.ts";
import type { JsonBucket } from "../store/bucket.ts";
import type { RolloutEvent, StoredRollout } from "../store/model.ts";
import { rolloutStore } from "../store/rollouts.ts";
import { createDriver, leaseMs } from "./driver.ts";
import type { Call } from "./port.ts";
import { startRollout } from "./start.ts";

const size = { min: 2, desired: 2, max: 4 };
const spec = specWith({ timeouts: { healthyMs: 600 * second } });

class Killed extends Error {}

/** Two regions with the old version, and workers that may be killed before their k-th call of anything. */
function scene({ nature = "good" }: { readonly nature?: "good" | "never-healthy" } = {}) {
  const places = new Map(
    ["us-west-2", "us-east-1"].map((region) => {
      const place = world({
        traffic: "attachment",
        capacity: size,
        natureOf: (version) => (version === "new" ? nature : "good"),
        ticksToHealthy: 2,
      });
      place.add("playback-prod-v000", old, size, { isPromoted: true });
      place.settle();
      return [region, place] as const;
    }),
  );
  const bucket = memoryBucket();
  const announced: RolloutEvent[] = [];
  const reported: StoredRollout[] = [];
  let now = 1_700_000_000_000;

  function worker(name: string, killedBefore = Infinity) {
    let calls = 0;
    const alive = () => {
      calls += 1;
      if (calls >= killedBefore) throw new Killed();
    };
    const guarded = Object.fromEntries(
      Object.entries(bucket).map(([key, run]) => [
        key,
        async (...given: unknown[]) => {
          alive();
          return (run as (...all: unknown[]) => unknown)(...given);
        },
      ]),
    ) as unknown as JsonBucket;
    return createDriver({
      store: rolloutStore(guarded),
      worker: name,
      now: () => now,
      random: () => 0.5,
      log: silentLog,
      portOf: (_, region, onCall) => {
        const tell = (operation: string, isMutating: boolean) => {
          alive();
          const call: Call = {
            region,
            service: "autoscaling",
            operation,
            startedAt: now,
            ms: 1,
            outcome: "ok",
            isMutating,
          };
          onCall(call);
        };
        return {
          region,
          async observe() {
            tell("DescribeAutoScalingGroups", false);
            return places.get(region)!.observe();
          },
          async apply(action) {
            tell(action.kind, true);
            places.get(region)!.apply(action);
            return { kind: "done" };
          },
          series: () => Promise.resolve([]),
          measure: () => Promise.resolve({ kind: "value", value: 0 }),
        };
      },
      async announce(events) {
        alive();
        announced.push(...events);
      },
      async report(stored) {
        alive();
        reported.push(stored);
      },
    });
  }

  return {
    places,
    bucket,
    store: rolloutStore(bucket),
    announced,
    reported,
    worker,
    now: () => now,
    tick(ms = second) {
      now += ms;
      for (const place of places.values()) place.tick(ms);
    },
    versions: () =>
      [...places].map(([region, place]) => [
        region,
        place
          .observe()
          .groups.filter(({ isServing, size: { desired } }) => isServing && desired > 0)
          .map(({ version }) => version?.id),
      ]),
  };
}

/** Passes until it is over; says how many. */
async function toTheEnd(given: ReturnType<typeof scene>, driver: ReturnType<typeof createDriver>, id: string) {
  for (let passes = 1; passes < 500; passes++) {
    const passed = await driver.pass(id);
    if (passed.kind === "over") return passes;
    given.tick();
  }
  throw new Error("it does not end");
}

describe("a worker", () => {
  it("brings a version to all regions, tells each change, and puts the rollout away", async () => {
    const given = scene();
    await startRollout(given.store, { id: "playback-prod.1", kind: "rollout", spec, version: fresh }, given.now());
    await toTheEnd(given, given.worker("one"), "playback-prod.1");
    expect(given.versions()).toEqual([
      ["us-west-2", ["new"]],
      ["us-east-1", ["new"]],
    ]);
    expect(await given.store.open()).toEqual([]);
    expect(await given.store.ended(spec.cluster)).toEqual(["playback-prod.1"]);
    expect(given.reported).toHaveLength(1);
    const told = given.announced.map(({ region, text }) => [region, text]);
    expect(told[0]).toEqual([undefined, "rollout of new is waiting for its turn"]);
    expect(told.flatMap(([region, text]) => (region === "us-west-2" ? [text] : []))).toEqual([
      "100 % new",
      "100 % shifted",
      "promotion",
      "scale-down",
      "clean-up",
      "done: playback-prod-v001 serves version new",
    ]);
    expect(told.at(-1)).toEqual([undefined, "rollout of new is done"]);
    const { lines } = await given.store.journal("playback-prod.1");
    expect(lines.filter(({ kind }) => kind === "event")).toHaveLength(given.announced.length);
    const changes = lines.flatMap((line) => (line.kind === "call" && line.region === "us-west-2" ? [line.call] : []));
    expect(changes).toEqual(["create", "serve", "demote", "promote", "resize"].map((call) => `autoscaling:${call}`));
    const { calls } = (await given.store.read("playback-prod.1"))!.value;
    expect(calls.changing).toBe(lines.filter(({ kind }) => kind === "call").length);
    expect(calls.reading).toBeGreaterThan(0);
  });

  it("may be killed before any call: another one brings it to the same end", { timeout: 60_000 }, async () => {
    const whole = scene();
    await startRollout(whole.store, { id: "playback-prod.1", kind: "rollout", spec, version: fresh }, whole.now());
    await toTheEnd(whole, whole.worker("one"), "playback-prod.1");
    for (let killedBefore = 1; ; killedBefore++) {
      const given = scene();
      await startRollout(given.store, { id: "playback-prod.1", kind: "rollout", spec, version: fresh }, given.now());
      const killed = await toTheEnd(given, given.worker("one", killedBefore), "playback-prod.1").then(
        () => undefined,
        (error: unknown) => error,
      );
      if (killed === undefined) break;
      expect(killed).toBeInstanceOf(Killed);
      given.tick(leaseMs + second);
      await toTheEnd(given, given.worker("two"), "playback-prod.1");
      expect(given.versions(), `killed before call ${killedBefore}`).toEqual(whole.versions());
      expect(given.reported.at(-1)?.rollout.status).toBe("succeeded");
      const groups = [...given.places.values()].flatMap((place) => place.observe().groups.map(({ name }) => name));
      expect(groups).toEqual(["playback-prod-v000", "playback-prod-v001", "playback-prod-v000", "playback-prod-v001"]);
      expect(given.announced.at(-1)?.text).toBe("rollout of new is done");
    }
  });

  it("leaves a rollout to who has it, until that is not heard of any more", async () => {
    const given = scene();
    await startRollout(given.store, { id: "playback-prod.1", kind: "rollout", spec, version: fresh }, given.now());
    await given.worker("one").pass("playback-prod.1");
    const two = given.worker("two");
    expect(await two.pass("playback-prod.1")).toEqual({ kind: "held-by-another", until: given.now() + leaseMs });
    given.tick(leaseMs);
    expect((await two.pass("playback-prod.1")).kind).toBe("goes-on");
  });

  it("lets a rollout be that another one has ended", async () => {
    const given = scene();
    await startRollout(given.store, { id: "playback-prod.1", kind: "rollout", spec, version: fresh }, given.now());
    const [one, two] = [given.worker("one"), given.worker("two")];
    await one.pass("playback-prod.1");
    expect((await two.pass("playback-prod.1")).kind).toBe("held-by-another");
    await toTheEnd(given, one, "playback-prod.1");
    const written = given.bucket.keys();
    expect(await two.pass("playback-prod.1")).toEqual({ kind: "over" });
    expect(given.bucket.keys()).toEqual(written);
  });

  it("undoes what never gets healthy, and says why", async () => {
    const given = scene({ nature: "never-healthy" });
    await startRollout(given.store, { id: "playback-prod.1", kind: "rollout", spec, version: fresh }, given.now());
    const driver = given.worker("one");
    for (let passes = 0; passes < 5; passes++) {
      await driver.pass("playback-prod.1");
      given.tick();
    }
    given.tick(spec.timeouts.healthyMs);
    await toTheEnd(given, driver, "playback-prod.1");
    expect(given.versions()).toEqual([
      ["us-west-2", ["old"]],
      ["us-east-1", ["old"]],
    ]);
    const { rollout } = given.reported[0]!;
    expect(rollout.status).toBe("undone");
    expect(rollout.reason).toMatch(
      /^us-west-2: 100 % new: not done within 10 min: 0 of 2 instances of playback-prod-v001 are healthy \(i-\d+: starting; i-\d+: starting\)$/,
    );
  });

  it("changes a cluster by one rollout at a time, in their order", async () => {
    const given = scene();
    const driver = given.worker("one");
    await startRollout(given.store, { id: "playback-prod.1", kind: "rollout", spec, version: fresh }, given.now());
    given.tick();
    const later = { id: "playback-prod.2", kind: "rollout", spec, version: { ...fresh, id: "newer" } } as const;
    await startRollout(given.store, later, given.now());
    expect(await driver.pass("playback-prod.2")).toMatchObject({ kind: "goes-on", isMoving: false });
    await driver.pass("playback-prod.1");
    expect(await driver.pass("playback-prod.2")).toMatchObject({ kind: "goes-on", isMoving: false });
    await toTheEnd(given, driver, "playback-prod.1");
    await toTheEnd(given, driver, "playback-prod.2");
    expect(given.versions()).toEqual([
      ["us-west-2", ["newer"]],
      ["us-east-1", ["newer"]],
    ]);
  });

  it("gives up older rollouts for one that supersedes them", async () => {
    const given = scene();
    const driver = given.worker("one");
    await startRollout(given.store, { id: "playback-prod.1", kind: "rollout", spec, version: fresh }, given.now());
    for (let passes = 0; passes < 3; passes++) await driver.pass("playback-prod.1");
    const eager = { ...spec, whenBusy: "supersede" } as const;
    given.tick();
    const later = { id: "playback-prod.2", kind: "rollout", spec: eager, version: { ...fresh, id: "newer" } } as const;
    await startRollout(given.store, later, given.now());
    await driver.pass("playback-prod.2");
    await toTheEnd(given, driver, "playback-prod.1");
    await toTheEnd(given, driver, "playback-prod.2");
    expect(given.reported.map(({ rollout: { id, status, reason } }) => [id, status, reason])).toEqual([
      ["playback-prod.1", "undone", "superseded by playback-prod.2"],
      ["playback-prod.2", "succeeded", undefined],
    ]);
  });

  it("hears commands that are written between its passes", async () => {
    const given = scene();
    const driver = given.worker("one");
    await startRollout(given.store, { id: "playback-prod.1", kind: "rollout", spec, version: fresh }, given.now());
    for (let passes = 0; passes < 3; passes++) await driver.pass("playback-prod.1");
    const found = (await given.store.read("playback-prod.1"))!;
    const rollout = commanded(found.value.rollout, { kind: "abort", reason: "not today" }, given.now());
    if (typeof rollout === "string") expect.fail(rollout);
    await given.store.write(found, { ...found.value, rollout });
    await toTheEnd(given, driver, "playback-prod.1");
    expect(given.reported[0]!.rollout).toMatchObject({ status: "undone", reason: "not today" });
    expect(given.versions()).toEqual([
      ["us-west-2", ["old"]],
      ["us-east-1", ["old"]],
    ]);
  });

  it("hears what is written while it puts a rollout away", async () => {
    const given = scene();
    const { put } = given.bucket;
    let isWritten = false;
    given.bucket.put = async (key, ...rest) => {
      await put(key, ...rest);
      if (!key.startsWith("ended/") || isWritten) return;
      isWritten = true;
      const found = (await given.bucket.read<StoredRollout>("open/playback-prod.1.json"))!;
      const event = { ...given.announced.at(-1)!, text: "written at the last moment" };
      await given.store.write(found, { ...found.value, outbox: [event] });
    };
    await startRollout(given.store, { id: "playback-prod.1", kind: "rollout", spec, version: fresh }, given.now());
    await toTheEnd(given, given.worker("one"), "playback-prod.1");
    expect(given.announced.at(-1)?.text).toBe("written at the last moment");
    expect(await given.store.open()).toEqual([]);
  });
});
