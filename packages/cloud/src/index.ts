export { createCloud, defaultRegions } from "./cloud.ts";
export type { Cloud, CloudOptions } from "./cloud.ts";
export { endLeftovers } from "./end-leftovers.ts";
export { machineAbilities } from "./runtime/machine-abilities.ts";
export type { MachineAbilities } from "./runtime/machine-abilities.ts";
export type { HostImages } from "./runtime/images.ts";
export { engineSocket } from "./runtime/container/engine.ts";
