// What it costs to plan: a pass over many rollouts that go on at the same time, in the middle of a red/black.
import { newRollout, planRollout } from "@trysail/delivery";
import { median } from "./trysail.mjs";

const clusters = 1000;
const regions = ["us-west-2", "us-east-1", "eu-west-1", "eu-central-1", "ap-southeast-2"];
const size = { min: 2, desired: 4, max: 8 };
const rounds = 7;
const now = 1_800_000_000_000;

const specOf = (app, pauseMs) => ({
  cluster: { app, stack: "prod", detail: undefined },
  fleetParameter: `/trysail/fleets/${app}-prod`,
  waves: [{ regions, bakeMs: 0 }],
  strategy: {
    type: "red-black",
    percentages: [100],
    pause: { kind: "time", ms: pauseMs },
    scaleDown: true,
    delayBeforeScaleDownMs: 0,
    keep: 1,
  },
  canary: undefined,
  analysis: [],
  alarms: ["errors"],
  windows: {},
  guards: { minimumHealthyPercent: 90, healthyPercent: 100, lostInstances: 2 },
  rollback: { automatic: true, order: "all-at-once" },
  timeouts: { healthyMs: 1_800_000, promoteMs: 86_400_000 },
  whenBusy: "queue",
});

const groupOf = (app, number, given = {}) => {
  const name = `${app}-prod-v00${number}`;
  return {
    name,
    role: "server",
    version: { id: `build-${number}`, artifact: `s3://builds/${app}-${number}.zip` },
    createdAt: now + number,
    size: { ...size, min: size.desired },
    instances: Array.from({ length: size.desired }, (_, index) => ({
      id: `i-${app}-${number}-${index}`,
      lifecycle: "running",
      isRegistered: true,
      health: "healthy",
    })),
    isServing: true,
    weight: undefined,
    isDeleting: false,
    isPromoted: false,
    ...given,
  };
};

const looksOf = (groups) =>
  Object.fromEntries(
    regions.map((region) => [
      region,
      { kind: "seen", at: now, traffic: "attachment", capacity: size, groups: structuredClone(groups), alarms: [] },
    ]),
  );

/** Plans until nothing is to be stored any more. */
function settled(rollout, looks) {
  for (let before = rollout; ; before = rollout) {
    ({ rollout } = planRollout(before, looks, now));
    if (rollout === before) return rollout;
  }
}

/** A rollout whose new group is there and healthy, and what is seen of its regions. */
function middle(number, pauseMs) {
  const app = `app${number}`;
  const version = { id: "build-2", artifact: `s3://builds/${app}-2.zip` };
  const before = [groupOf(app, 0, { isServing: false }), groupOf(app, 1, { isPromoted: true })];
  const queued = newRollout({ id: `${app}-prod.1`, kind: "rollout", spec: specOf(app, pauseMs), version }, now);
  const begun = settled({ ...queued, status: "running" }, looksOf(before));
  const looks = looksOf([...before, groupOf(app, 2)]);
  return { rollout: settled(begun, looks), looks };
}

function measure(pauseMs, changes) {
  const all = Array.from({ length: clusters }, (_, number) => middle(number, pauseMs));
  const times = [];
  for (let round = 0; round <= rounds; round++) {
    const startedAt = performance.now();
    const plans = all.map(({ rollout, looks }) => planRollout(rollout, looks, now));
    if (round > 0) times.push(performance.now() - startedAt);
    const planned = plans.reduce((sum, { actions }) => sum + Object.values(actions).flat().length, 0);
    if (planned !== changes) throw new Error(`${planned} changes were planned in place of ${changes}`);
  }
  return `${Math.round(median(times))} ms`;
}

/** @returns rows of the table */
export function measurePlanner() {
  const what = `${clusters.toLocaleString("en-US")} clusters × ${regions.length} regions, 3 groups of 4 instances in each, planned in one pass`;
  return [
    { what: `${what}: all in a pause`, measured: measure(600_000, 0), target: "< 1 s" },
    {
      what: `${what}: all with traffic to be taken from the old group`,
      measured: measure(0, clusters * regions.length),
      target: "< 1 s",
    },
  ];
}
