// What rollouts are carried out with: it loads AWS's clients, which takes a while.
export { regionClients } from "./aws/clients.ts";
export type { RegionClients } from "./aws/clients.ts";
export { eventSource, tellEvents } from "./aws/events.ts";
export { readFleet, readParameter } from "./aws/fleet.ts";
export { regionPort } from "./aws/port.ts";
export type { PortDeps } from "./aws/port.ts";
export { unreachable } from "./aws/failures.ts";
export { actionType } from "./pipeline/jobs.ts";
export { rolloutSystem } from "./system.ts";
export type { RolloutSystem, RolloutSystemOptions } from "./system.ts";
