export { clusterName, nextSequence, parseServerGroupName, serverGroupName } from "./server-groups/name.ts";
export type { ClusterName, ServerGroupName } from "./server-groups/name.ts";
export { compatibleJudge, scaleFreeJudge } from "./judge/judges.ts";
export { decideRun, judgementWarnings, judgementWindows } from "./judge/run.ts";
export { padSeries } from "./judge/transforms.ts";
export type * from "./judge/model.ts";
export type { Random } from "./judge/random.ts";
export type { CanaryRun, JudgementWindow, RunDecision } from "./judge/run.ts";
export { dueMeasurements, startAnalysis, stepAnalysis } from "./analysis/analysis.ts";
export type { Condition } from "./analysis/condition.ts";
export type * from "./analysis/model.ts";
export { judgementReport } from "./report/judgement.ts";
export { days, isOpen, isTimeZone, opensAt } from "./windows/windows.ts";
export type { Day, Freeze, Window, Windows } from "./windows/windows.ts";
export type * from "./spec/model.ts";
export type * from "./fleet/model.ts";
export type * from "./plan/model.ts";
export { inTraffic, lackOf, readyIn, servingIn, shareOf } from "./plan/health.ts";
export {
  answered,
  commanded,
  contextOf,
  isOver,
  newRollout,
  planRollout,
  regionsToSee,
  statusText,
} from "./plan/rollout.ts";
export type { Command, Rollout, RolloutPlan } from "./plan/rollout.ts";
export type * from "./plan/state.ts";
export { pauseAfter, stepsOf, stepText, timeText } from "./plan/steps.ts";
export type { Step } from "./plan/steps.ts";
export { goalOf, taskOf } from "./plan/task.ts";
export type { RegionTask } from "./plan/task.ts";
export { jsonBucket } from "./store/bucket.ts";
export type { JsonBucket, Versioned } from "./store/bucket.ts";
export type * from "./store/model.ts";
export { rolloutStore } from "./store/rollouts.ts";
export type { RolloutStore } from "./store/rollouts.ts";
export { createDriver } from "./run/driver.ts";
export type { Driver, DriverDeps, Passed } from "./run/driver.ts";
export { eventsBetween, regionText } from "./run/events.ts";
export type * from "./run/port.ts";
export { rollbackOf } from "./run/rollback.ts";
export type { RollbackOrder } from "./run/rollback.ts";
export { rolloutId, startRollout } from "./run/start.ts";
export { calmPace, drive, localPace, startWorker } from "./run/worker.ts";
export type { Pace, Worker, WorkerDeps } from "./run/worker.ts";
export { deliveryMeasures, endedRollout } from "./measures/measures.ts";
export type { DeliveryMeasures, EndedRollout } from "./measures/measures.ts";
export type * from "./spec/document.ts";
export { mistakeText } from "./spec/mistake.ts";
export type { Mistake } from "./spec/mistake.ts";
export { checkRollout, parseRollout } from "./spec/parse.ts";
export type { ReadRollout } from "./spec/parse.ts";
export { sdkConfig } from "./aws/sdk-config.ts";
export type { ClientConfig } from "./aws/sdk-config.ts";
