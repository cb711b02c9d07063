export { createCloud, defaultRegions } from "./cloud.ts";
export type { Cloud, CloudOptions } from "./cloud.ts";
