import type { Ids } from "../../../kernel/ids.ts";

const digits = "0123456789";

/** `ecs-svc/` and 19 digits, of which the first is not 0. */
export function deploymentId(ids: Ids): string {
  return `ecs-svc/${ids.text(1, "123456789")}${ids.text(18, digits)}`;
}

export function serviceDeploymentId(ids: Ids): string {
  return ids.text(21, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
}

export function serviceRevisionId(ids: Ids): string {
  return `${ids.text(1, "123456789")}${ids.text(18, digits)}`;
}
