import type { ListenerConfig } from "../../dataplane/data-plane.ts";
import type { LoadBalancer } from "./model.ts";

/**
 * The state of a load balancer that its worker knows of. AWS would not fail to open a port; here one may be taken by
 * another program, which is told in the reason.
 */
export function balancerState(
  listeners: readonly Pick<ListenerConfig, "arn" | "host" | "port">[],
  failures: Readonly<Record<string, string>>,
): LoadBalancer["state"] {
  const reasons = listeners.flatMap(({ arn, host, port }) => {
    const failure = failures[arn];
    return failure === undefined ? [] : [`The listener on ${host}:${port} could not be opened: ${failure}`];
  });
  return reasons.length === 0 ? { code: "active" } : { code: "active_impaired", reason: reasons.join("; ") };
}
