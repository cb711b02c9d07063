import { messageOf } from "@trysail/core";
import type { AccountId, Log, Region } from "@trysail/core";
import { rootOf } from "./gateway/authenticate.ts";
import type { CallScope } from "./kernel/call-context.ts";
import type { Ids } from "./kernel/ids.ts";
import type { Kernel } from "./kernel/kernel.ts";
import type { Service } from "./kernel/service.ts";
import { bootstrapRegion } from "./services/cloudformation/bootstrap/bootstrap.ts";
import { cloudformation } from "./services/cloudformation/index.ts";
import type { Blobs } from "./store/blobs.ts";

/** What work at the start is done with: Trysail's own account is the caller. */
interface StartUp {
  readonly kernel: Kernel;
  readonly account: AccountId;
  readonly ids: Ids;
  readonly log: Log;
}

function scopeIn({ account, ids }: StartUp, region: Region): CallScope {
  return { account, region, principal: rootOf(account), requestId: ids.uuid(), signal: new AbortController().signal };
}

/** Deploys the CDK's bootstrap stack where it is not there yet. A region that cannot be bootstrapped is told of in the log. */
export async function bootstrapRegions(parts: StartUp, regions: readonly Region[]): Promise<void> {
  const { kernel, log } = parts;
  // The list of services types it so too.
  const service = cloudformation as Service;
  await Promise.all(
    regions.map(async (region) => {
      try {
        await bootstrapRegion(kernel.context(service, scopeIn(parts, region)));
      } catch (error) {
        log.error("a region could not be bootstrapped", { region, error: messageOf(error) });
      }
    }),
  );
}

/** Deletes the bodies that no service names: what an upload that was cut short has left. */
export async function sweepBodies(
  parts: StartUp,
  blobs: Blobs,
  services: readonly Service[],
  region: Region,
): Promise<void> {
  const { kernel, log } = parts;
  const namers = services.flatMap((service) => {
    const { namesBlob } = service;
    if (namesBlob === undefined) return [];
    const ctx = kernel.context(service, scopeIn(parts, region));
    return [(id: string) => namesBlob(ctx, id)];
  });
  const swept = await blobs.sweep((id) => namers.some((names) => names(id)));
  if (swept > 0) log.info("deleted bodies that an interrupted upload had left", { bodies: swept });
}
