export { clusterName, nextSequence, parseServerGroupName, serverGroupName } from "./server-groups/name.ts";
export type { ClusterName, ServerGroupName } from "./server-groups/name.ts";
