import type { PlaneConfig } from "../../dataplane/data-plane.ts";
import type { Listener, LoadBalancer } from "./model.ts";

/**
 * The state of a load balancer whose listeners are these, once its worker knows of them. AWS would not fail to open a
 * port; here one may be taken by another program, which is told in the reason.
 *
 * @param config - what the worker was told
 * @param failures - what it could not do, by the listener's ARN
 */
export function balancerState(
  listeners: readonly Pick<Listener, "arn" | "port">[],
  config: PlaneConfig,
  failures: Readonly<Record<string, string>>,
): LoadBalancer["state"] {
  const reasons = listeners.flatMap(({ arn, port }) => {
    const told = config.listeners.find((one) => one.arn === arn);
    if (told === undefined) return [`The certificate of the listener on port ${port} does not exist any more`];
    const failure = failures[arn];
    return failure === undefined ? [] : [`The listener on ${told.host}:${told.port} could not be opened: ${failure}`];
  });
  return reasons.length === 0 ? { code: "active" } : { code: "active_impaired", reason: reasons.join("; ") };
}
