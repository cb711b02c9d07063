import type { Millis } from "@trysail/core";
import { messageOf } from "@trysail/core";
import { compatibleJudge, scaleFreeJudge } from "../judge/judges.ts";
import type { Judgement, MetricPair } from "../judge/model.ts";
import type { Random } from "../judge/random.ts";
import { judgementWarnings } from "../judge/run.ts";
import type { Answer, Question } from "../plan/state.ts";
import type { Rollout } from "../plan/rollout.ts";
import { judgementReport } from "../report/judgement.ts";
import type { CanarySpec } from "../spec/model.ts";
import type { RolloutStore } from "../store/rollouts.ts";
import type { RegionPort } from "./port.ts";

interface Deps {
  readonly store: RolloutStore;
  readonly random: Random;
  readonly now: () => Millis;
}

/**
 * Finds out what a plan asks for.
 *
 * @returns undefined if it cannot be found out now; it is asked again
 */
export async function answerTo(
  deps: Deps,
  rollout: Rollout,
  port: RegionPort,
  question: Question,
): Promise<Answer | undefined> {
  switch (question.kind) {
    case "measure": {
      const metric = rollout.spec.analysis.find(({ name }) => name === question.metric);
      if (metric === undefined) return undefined;
      const at = deps.now();
      const measured = await port
        .measure(metric.query, question.group, at)
        .catch((error: unknown) => ({ kind: "error", message: messageOf(error) }) as const);
      return { kind: "measured", metric: metric.name, at, measured };
    }
    case "judge": {
      const { canary } = rollout.spec;
      if (canary === undefined) return undefined;
      const pairs = await pairsOf(canary, port, question);
      const judge = canary.judge === "compatible" ? compatibleJudge(deps.random) : scaleFreeJudge;
      const judgement = judge.judge(canary.config, pairs);
      const report = await keepReport(deps.store, rollout, port.region, question, judgement);
      const at = deps.now();
      return {
        kind: "judged",
        number: question.number,
        score: { score: judgement.score, reason: reasonOf(judgement), at, report },
      };
    }
  }
}

/** The same metric of both groups, over the same time. */
async function pairsOf(
  canary: CanarySpec,
  port: RegionPort,
  question: Question & { kind: "judge" },
): Promise<readonly MetricPair[]> {
  const window = { from: question.from, to: question.to };
  return Promise.all(
    canary.config.metrics.flatMap(({ name }) => {
      const query = canary.queries[name];
      if (query === undefined) return [];
      const both = [
        port.series(query, question.canary, window),
        port.series(query, question.baseline, window),
      ] as const;
      return [Promise.all(both).then(([canarySeries, baseline]) => ({ name, canary: canarySeries, baseline }))];
    }),
  );
}

/** What made the score, in numbers. */
export function reasonOf(judgement: Judgement): string {
  const counted = judgement.metrics.filter(({ muted }) => !muted);
  const bad = counted.filter(({ classification }) => classification === "High" || classification === "Low");
  const missing = counted.filter(({ classification }) => classification.startsWith("Nodata"));
  const failing = counted.filter(({ classification }) => classification === "Error");
  const parts = [
    ...bad.map(
      ({ name, classification, canary, baseline }) =>
        `${name} is ${classification === "High" ? "higher" : "lower"}: ${rounded(canary.mean)} on average, and ${rounded(baseline.mean)} in the baseline`,
    ),
    ...(missing.length === 0 ? [] : [`there is no data of ${missing.map(({ name }) => name).join(", ")}`]),
    ...failing.map(({ name, reason }) => `${name} could not be compared (${reason})`),
  ];
  return parts.length === 0 ? judgement.reason : parts.join("; ");
}

/** Three digits, as people read them. */
const rounded = (value: number): string => String(Number(value.toPrecision(3)));

function keepReport(
  store: RolloutStore,
  { id, spec, version }: Rollout,
  region: string,
  { number, from, to, canary, baseline }: Question & { kind: "judge" },
  judgement: Judgement,
): Promise<string> {
  const warnings = judgementWarnings(judgement);
  const about = { rollout: id, region, number, from, to, canary, baseline, version: version.id };
  return store.putReport(id, `${region}-canary-${number}`, {
    json: JSON.stringify({ ...about, warnings, judgement }, undefined, 2),
    html: judgementReport(judgement, {
      title: `${spec.cluster.app}: canary of ${version.id} in ${region}, judgement ${number}`,
      warnings,
    }),
  });
}
