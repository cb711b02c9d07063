import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualClock, silentLog } from "@trysail/core";
import type { AccountId, ManualClock, Region } from "@trysail/core";
import type { Context, DeliveredEvent, Principal } from "../kernel/context.ts";
import type { Host } from "../kernel/host.ts";
import { randomIds } from "../kernel/ids.ts";
import { createKernel } from "../kernel/kernel.ts";
import type { TimedMeasurement } from "../kernel/measurement.ts";
import type { ResourceRequest } from "../kernel/resource.ts";
import type { Service } from "../kernel/service.ts";
import { openStore } from "../store/lmdb-store.ts";
import { table } from "../store/table.ts";

/** A service of any SDK. */
type AnyService = Pick<Service, "id" | "scope" | "tables">;

/** Some services without a gateway and without control loops: for what has no operation of AWS's to call it by. */
export interface TestKernel {
  readonly folder: string;
  readonly clock: ManualClock;
  /** What was emitted, wanted by a subscription or not. */
  readonly events: DeliveredEvent[];
  /** What was measured. */
  readonly measurements: TimedMeasurement[];
  /** The service's own context, in the default account and us-east-1. */
  context(service: AnyService): Context;
  stop(): Promise<void>;
}

export async function startTestKernel(
  services: readonly AnyService[],
  host: (folder: string) => Promise<Partial<Host>>,
): Promise<TestKernel> {
  const folder = await mkdtemp(join(tmpdir(), "trysail-kernel-"));
  const store = await openStore(join(folder, "state"));
  const clock = manualClock();
  const events: DeliveredEvent[] = [];
  const measurements: TimedMeasurement[] = [];
  const rows = store.table("outbox", table<[string, number], DeliveredEvent>("none"), { account: "", region: "" });
  const kernel = createKernel({
    services: services as readonly Service[],
    store,
    clock,
    ids: randomIds(),
    log: silentLog,
    host: (await host(folder)) as Host,
    outbox: { put: (event) => void events.push(event), rows },
    meter: { add: (_, measurement) => void measurements.push(measurement), close: () => {} },
  });
  const principal: Principal = { type: "service", arn: "", userId: "" };
  return {
    folder,
    clock,
    events,
    measurements,
    context: (service) =>
      kernel.context(service as Service, {
        account: "000000000000" as AccountId,
        region: "us-east-1" as Region,
        principal,
        requestId: "test",
        signal: new AbortController().signal,
      }),
    async stop() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What a resource's functions are told by CloudFormation, and the ids that they told it. */
export function resourceRequest(logicalId: string): ResourceRequest & { readonly madeIds: string[] } {
  const madeIds: string[] = [];
  const stackId = "arn:aws:cloudformation:us-east-1:000000000000:stack/test/1";
  return {
    stackName: "test",
    stackId,
    logicalId,
    token: `token-${logicalId}`,
    generatedName: ({ maxLength = 255, lowerCase = false } = {}) => {
      const name = `test-${logicalId}-SUFFIX`.slice(0, maxLength);
      return lowerCase ? name.toLowerCase() : name;
    },
    policies: {},
    signals: () => [],
    memory: undefined,
    remember: () => {},
    tell: () => {},
    made: (id) => void madeIds.push(id),
    tags: [
      { Key: "aws:cloudformation:stack-id", Value: stackId },
      { Key: "aws:cloudformation:logical-id", Value: logicalId },
    ],
    madeIds,
  };
}
