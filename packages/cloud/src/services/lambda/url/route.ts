import type { Readable } from "node:stream";
import type { AccountId, Region } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Route, RouteHead, Service } from "../../../kernel/service.ts";
import type { HttpResponse } from "../../../wire/http.ts";
import { call } from "../invoking/call.ts";
import { limits } from "../limits.ts";
import { functionArn } from "../names.ts";
import { tables } from "../store.ts";
import { corsGrant } from "./cors.ts";
import type { FunctionUrl } from "./model.ts";
import { urlEvent, urlResponse } from "./payload.ts";

const hostForm = /^(?<id>[a-z0-9]+)\.lambda-url\.(?<region>[a-z0-9-]+)\.(?:localhost|on\.aws)$/;

/** Where a function's URL is: a name that leads to this machine, and tells whose it is. */
export function urlOf(ctx: Pick<Context, "host" | "region">, { id }: Pick<FunctionUrl, "id">): string {
  return `http://${id}.lambda-url.${ctx.region}.localhost:${new URL(ctx.host.endpoint).port}/`;
}

function ownerOf(ctx: Context, hostname: string) {
  const id = hostForm.exec(hostname)?.groups?.["id"];
  const owner = id === undefined ? undefined : ctx.table(tables.urlOwners).get(id);
  if (id === undefined || owner === undefined) return undefined;
  const home = ctx.as({ account: owner.account as AccountId, region: owner.region as Region });
  const url = home.table(tables.urls).get([owner.functionName, owner.qualifier]);
  return url === undefined ? undefined : { home, url, owner };
}

/** What a URL's CORS configuration lets pages of other origins do. */
export const crossOrigin: NonNullable<Service["crossOrigin"]> = (
  ctx,
  { method, hostname, headers }: RouteHead,
  origin,
) => {
  const found = ownerOf(ctx, hostname);
  const asked = method === "OPTIONS" ? (headers["access-control-request-method"] ?? "") : method;
  return found === undefined ? undefined : corsGrant(found.url.cors, { origin, method: asked });
};

async function read(body: Readable): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += (chunk as Buffer).length;
    if (bytes <= limits.syncPayloadBytes) chunks.push(chunk as Buffer);
  }
  return bytes > limits.syncPayloadBytes ? undefined : Buffer.concat(chunks);
}

const told = (status: number, Message: string): HttpResponse => ({
  status,
  headers: { "content-type": "application/json" },
  body: Buffer.from(JSON.stringify({ Message })),
});

/** Calls functions by their URLs. */
export const functionUrls: Route = {
  name: "function-url",
  match({ hostname }) {
    return hostForm.test(hostname) ? { parameters: {} } : undefined;
  },
  async handle(ctx, request, _match) {
    const { hostname } = new URL(`http://${request.headers["host"] ?? ""}`);
    const found = ownerOf(ctx, hostname);
    if (found === undefined) return told(403, "Forbidden. There is no function with this URL.");
    const body = await read(request.body);
    if (body === undefined) return told(413, `Request must be smaller than ${limits.syncPayloadBytes} bytes`);
    const { home, url, owner } = found;
    const qualifier = owner.qualifier === "" ? undefined : owner.qualifier;
    const event = urlEvent({ ...request, hostname, body }, { urlId: url.id, requestId: ctx.requestId, now: ctx.now });
    try {
      const { outcome } = await call(home, owner.functionName, qualifier, {
        requestId: ctx.requestId,
        payload: Buffer.from(JSON.stringify(event)),
        arn: functionArn(home, owner.functionName, qualifier),
        clientContext: undefined,
      });
      const answer = outcome.status === "succeeded" ? urlResponse(outcome.payload) : undefined;
      return (
        answer ?? { status: 502, headers: { "content-type": "text/plain" }, body: Buffer.from("Internal Server Error") }
      );
    } catch (error) {
      if (isAwsError(error, "TooManyRequestsException")) return told(429, error.message);
      throw error;
    }
  },
};
