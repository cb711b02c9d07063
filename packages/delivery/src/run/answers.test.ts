import { describe, expect, it } from "vitest";
import { newRollout } from "../plan/rollout.ts";
import { parseRollout } from "../spec/parse.ts";
import { memoryBucket } from "../store/bucket.test-kit.ts";
import { rolloutStore } from "../store/rollouts.ts";
import { answerTo } from "./answers.ts";
import type { RegionPort } from "./port.ts";

const second = 1000;

const rolloutWith = (errors: string) => {
  const read = parseRollout(`
application: playback
waves: [[us-west-2]]
strategy: canary
canary:
  lifetime: 60s
  metrics:
    - { name: errors, direction: increase, ${errors} query: { namespace: N, metric: Errors, period: 1s } }
    - { name: latency, direction: increase, query: { namespace: N, metric: Latency, period: 1s } }
    - { name: requests, query: { namespace: N, metric: Requests, period: 1s } }
`);
  if (!read.ok) throw new Error(JSON.stringify(read.mistakes));
  const version = { id: "new", artifact: "s3://builds/new.zip" };
  return newRollout({ id: "playback.1", kind: "rollout", spec: read.spec, version }, 0);
};

const question = {
  kind: "judge",
  number: 1,
  from: 0,
  to: 60 * second,
  canary: "canary-v000",
  baseline: "baseline-v000",
} as const;

/** What the groups' metrics are, by the metric's name. */
const portWith = (
  values: Readonly<Record<string, { readonly canary: number; readonly baseline: number }>>,
): RegionPort => ({
  region: "us-west-2",
  observe: () => Promise.reject(new Error("nobody looks")),
  apply: () => Promise.reject(new Error("nothing is changed")),
  measure: () => Promise.resolve({ kind: "value", value: 0.5 }),
  series: (query, group) => {
    const name = query.kind === "metric" ? query.metric : "";
    const base = group === question.canary ? values[name]?.canary : values[name]?.baseline;
    return Promise.resolve(Array.from({ length: 60 }, (_, index) => (base ?? Number.NaN) + (index % 7) / 100));
  },
});

async function judged(errors: string, values: Parameters<typeof portWith>[0]) {
  const store = rolloutStore(memoryBucket());
  const deps = { store, random: () => 0.5, now: () => 61 * second };
  const answer = await answerTo(deps, rolloutWith(errors), portWith(values), question);
  if (answer?.kind !== "judged") throw new Error("it was not judged");
  return { store, ...answer.score };
}

const same = { canary: 10, baseline: 10 };

describe("a judgement of a canary", () => {
  it("passes what is alike, and says so", async () => {
    expect(await judged("", { Errors: same, Latency: same, Requests: same })).toMatchObject({
      score: 100,
      at: 61 * second,
    });
  });

  it("says which metric is worse, and by how much", async () => {
    const { score, reason } = await judged("critical: true,", {
      Errors: { canary: 3, baseline: 0 },
      Latency: same,
      Requests: same,
    });
    expect([score, reason]).toEqual([0, "errors is higher: 3.03 on average, and 0.029 in the baseline"]);
  });

  it("says which metric has no data; alone, that fails nothing", async () => {
    expect(await judged("", { Latency: same, Requests: same })).toMatchObject({
      score: 100,
      reason: "there is no data of errors",
    });
  });

  it("fails by a metric without data that must have it", async () => {
    expect((await judged("critical: true, mustHaveData: true,", { Latency: same, Requests: same })).score).toBe(0);
  });

  it("fails where most have none: there is nothing to go by", async () => {
    expect(await judged("", { Requests: same })).toMatchObject({
      score: 0,
      reason: "there is no data of errors, latency",
    });
  });

  it("keeps its report, as data and as a page", async () => {
    const { store, report } = await judged("", { Errors: same, Latency: same, Requests: same });
    expect(JSON.parse((await store.report(report ?? "", "json")) ?? "")).toMatchObject({
      rollout: "playback.1",
      region: "us-west-2",
      judgement: { score: 100 },
    });
    expect(await store.report(report ?? "", "html")).toContain("playback: canary of new in us-west-2, judgement 1");
  });
});
