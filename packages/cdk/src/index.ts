export type * from "@trysail/delivery/spec";
export { Fleet } from "./fleet.ts";
export type { FleetProps } from "./fleet.ts";
export { RolloutAction, RolloutActionType } from "./rollout-action.ts";
export type { RolloutActionProps } from "./rollout-action.ts";
export { startScript } from "./user-data.ts";
export { readSpec } from "./read-spec.ts";
