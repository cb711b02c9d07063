import type { Readable } from "node:stream";
import type { Route } from "../../../kernel/service.ts";
import type { HttpResponse } from "../../../wire/http.ts";
import { limits } from "../limits.ts";
import { findEnvironment } from "./fleet.ts";

const path =
  /^\/2018-06-01\/runtime\/(?:(?<next>invocation\/next)|(?<init>init\/error)|invocation\/(?<id>[^/]+)\/(?<end>response|error))$/;

const json = (status: number, body: object, headers: Record<string, string> = {}): HttpResponse => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: Buffer.from(JSON.stringify(body)),
});

const accepted = json(202, { status: "OK" });
const forbidden = (errorMessage: string, errorType: string) => json(403, { errorMessage, errorType });

/** The body, or, of one that is larger than an answer may be, just as many bytes as make it too large. */
async function read(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += (chunk as Buffer).length;
    if (bytes <= limits.syncResponseBytes) chunks.push(chunk as Buffer);
  }
  return bytes > limits.syncResponseBytes ? Buffer.alloc(limits.syncResponseBytes + 1) : Buffer.concat(chunks);
}

/**
 * What a runtime client talks to. Each environment has a door of its own, which tells whose client it is.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export const runtimeApi: Route = {
  name: "runtime-api",
  throughDoors: true,
  match({ door, path: asked }) {
    const [service, environment] = door?.split("/") ?? [];
    return service === "lambda" && environment !== undefined && path.test(asked)
      ? { parameters: { environment } }
      : undefined;
  },
  async handle(ctx, request, { parameters }) {
    const environment = findEnvironment(ctx.host, parameters["environment"] ?? "");
    const { next, init, id = "", end } = path.exec(request.path)?.groups ?? {};
    if (environment === undefined) return json(410, { errorMessage: "The environment has ended.", errorType: "Gone" });
    if (next !== undefined) {
      const event = await environment.next(ctx.signal);
      if (event === undefined) return json(410, { errorMessage: "The environment has ended.", errorType: "Gone" });
      const { invocation, deadline } = event;
      const { requestId, payload, arn, clientContext } = invocation;
      return {
        status: 200,
        headers: {
          "content-type": "application/json",
          "lambda-runtime-aws-request-id": requestId,
          "lambda-runtime-deadline-ms": String(deadline),
          "lambda-runtime-invoked-function-arn": arn,
          "lambda-runtime-trace-id": traceId(requestId, deadline),
          ...(clientContext !== undefined && { "lambda-runtime-client-context": clientContext }),
        },
        body: payload,
      };
    }
    const body = await read(request.body);
    if (init !== undefined)
      return environment.failInit(body)
        ? accepted
        : forbidden("State transition from Ready to InitError failed", "InvalidStateTransition");
    const isTaken = end === "response" ? environment.answer(id, body) : environment.fail(id, body);
    return isTaken ? accepted : json(400, { errorMessage: "Invalid request ID", errorType: "InvalidRequestID" });
  },
};

/** Of the form of X-Ray's: nothing is traced. */
function traceId(requestId: string, at: number): string {
  const hex = requestId.replaceAll("-", "");
  return `Root=1-${Math.floor(at / 1000).toString(16)}-${hex.slice(0, 24)};Parent=${hex.slice(16, 32)};Sampled=0`;
}
