export { createCloud, defaultRegions } from "./cloud.ts";
export type { Cloud, CloudOptions } from "./cloud.ts";
export { endLeftovers } from "./end-leftovers.ts";
