import type { AccountId, Region } from "@trysail/core";
import type { RowScope } from "../store/table.ts";
import type { CallScope } from "./call-context.ts";
import type { Ids } from "./ids.ts";
import type { Service } from "./service.ts";

/** Where a service works by itself, as itself: nobody has called it. */
export function ownScope(service: Service, { account, region }: RowScope, ids: Ids, signal: AbortSignal): CallScope {
  return {
    account: account as AccountId,
    region: region as Region,
    principal: {
      type: "service",
      arn: `arn:aws:iam::aws:service/${service.id}.amazonaws.com`,
      userId: `${service.id}.amazonaws.com`,
    },
    requestId: ids.uuid(),
    signal,
  };
}
