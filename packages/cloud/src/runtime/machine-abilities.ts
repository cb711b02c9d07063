import { groupAbilities } from "./processes/control-groups.ts";
import type { GroupAbilities } from "./processes/control-groups.ts";
import { lowestPort } from "./workloads/lowest-port.ts";

/** What this machine lets instances and tasks have, for a user who asks. */
export interface MachineAbilities extends GroupAbilities {
  /** The lowest port that they may listen on. */
  readonly lowestPort: number;
}

export function machineAbilities(): MachineAbilities {
  return { ...groupAbilities(), lowestPort: lowestPort() };
}
