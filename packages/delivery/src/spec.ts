// What is written down of rollouts, without the clients of AWS: for CDK apps, whose synthesis should be quick.
export type * from "./fleet/model.ts";
export { clusterName } from "./server-groups/name.ts";
export type { ClusterName } from "./server-groups/name.ts";
export type * from "./spec/document.ts";
export { mistakeText } from "./spec/mistake.ts";
export type { Mistake } from "./spec/mistake.ts";
export { checkRollout, parseRollout } from "./spec/parse.ts";
export type { ReadRollout } from "./spec/parse.ts";
