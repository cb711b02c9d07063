import { Readable } from "node:stream";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { enqueue } from "../invoking/queue.ts";
import { call } from "../invoking/call.ts";
import { limits } from "../limits.ts";
import { versionText } from "../model.ts";
import { functionArn, readFunctionName } from "../names.ts";
import type { Sdk } from "../sdk.ts";
import { findVersion } from "../store.ts";

const nothing = Buffer.from("{}");

async function payloadOf(given: Readable | Uint8Array | undefined): Promise<Uint8Array> {
  const payload = given instanceof Readable ? Buffer.concat(await given.toArray()) : given;
  return payload === undefined || payload.length === 0 ? nothing : payload;
}

/** An event is JSON. @throws AwsError `InvalidRequestContentException`, `RequestTooLargeException` */
function checkPayload(payload: Uint8Array, largestBytes: number): void {
  if (payload.length > largestBytes) {
    throw errors.RequestTooLargeException(
      `Request must be smaller than ${largestBytes} bytes for the InvokeFunction operation`,
      { Type: "User" },
    );
  }
  try {
    JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString());
  } catch (error) {
    throw errors.InvalidRequestContentException(
      `Could not parse request body into json: Could not parse payload into json: ${error instanceof Error ? error.message : ""}`,
      { Type: "User" },
    );
  }
}

/** A client's context comes as base64 of JSON. */
function readClientContext(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    const decoded = Buffer.from(text, "base64").toString();
    JSON.parse(decoded);
    return decoded;
  } catch {
    throw errors.InvalidRequestContentException("Client context must be a valid Base64-encoded JSON object.", {
      Type: "User",
    });
  }
}

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export const invoke: Handler<Sdk, "invoke"> = async (ctx, input) => {
  const { name, qualifier } = readFunctionName(ctx, input.FunctionName, input.Qualifier);
  const payload = await payloadOf(input.Payload);
  const type = input.InvocationType ?? "RequestResponse";
  findVersion(ctx, name, qualifier);
  checkPayload(payload, type === "Event" ? limits.asyncPayloadBytes : limits.syncPayloadBytes);
  const invocation = {
    requestId: ctx.requestId,
    payload,
    arn: functionArn(ctx, name, qualifier),
    clientContext: readClientContext(input.ClientContext),
  };
  switch (type) {
    case "DryRun":
      return { StatusCode: 204 };
    case "Event":
      ctx.transaction(() => enqueue(ctx, name, qualifier, invocation));
      return { StatusCode: 202 };
    case "RequestResponse": {
      const { outcome, version: executed } = await call(ctx, name, qualifier, invocation);
      return {
        StatusCode: 200,
        ExecutedVersion: versionText(executed.number),
        Payload: outcome.payload,
        ...(outcome.status === "failed" && { FunctionError: "Unhandled" }),
        ...(input.LogType === "Tail" && { LogResult: outcome.tail }),
      };
    }
    default:
      return type satisfies never;
  }
};
