import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { messageOf } from "@trysail/core";
import type { AccountId, Log, Region } from "@trysail/core";
import type { CallScope } from "../kernel/call-context.ts";
import type { Ids } from "../kernel/ids.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { PlaneScope } from "./data-plane.ts";

interface Invoked {
  readonly Payload?: Readable | Uint8Array;
  readonly FunctionError?: string;
}

/**
 * Invokes a function that is registered with a target group, as the balancer does.
 *
 * @returns what it has returned; undefined if it could not be invoked or has failed: the client then gets 502
 */
export async function invokeFunction(
  { kernel, ids, log }: { readonly kernel: Kernel; readonly ids: Ids; readonly log: Log },
  { account, region }: PlaneScope,
  functionArn: string,
  payload: string,
): Promise<string | undefined> {
  const scope: CallScope = {
    account: account as AccountId,
    region: region as Region,
    principal: { type: "service", arn: "", userId: "elasticloadbalancing.amazonaws.com" },
    requestId: ids.uuid(),
    signal: new AbortController().signal,
  };
  try {
    const input = { FunctionName: functionArn, Payload: Buffer.from(payload) };
    const { Payload, FunctionError } = (await kernel.invoke("lambda", "invoke", scope, input)) as Invoked;
    if (FunctionError !== undefined || Payload === undefined) return undefined;
    return (Payload instanceof Readable ? await buffer(Payload) : Buffer.from(Payload)).toString();
  } catch (error) {
    log.warn("a load balancer could not invoke its function", { functionArn, error: messageOf(error) });
    return undefined;
  }
}
