export { clusterName, nextSequence, parseServerGroupName, serverGroupName } from "./server-groups/name.ts";
export type { ClusterName, ServerGroupName } from "./server-groups/name.ts";
export { compatibleJudge, scaleFreeJudge } from "./judge/judges.ts";
export { decideRun, judgementWarnings, judgementWindows } from "./judge/run.ts";
export { padSeries } from "./judge/transforms.ts";
export type * from "./judge/model.ts";
export type { Random } from "./judge/random.ts";
export type { CanaryRun, JudgementWindow, RunDecision } from "./judge/run.ts";
