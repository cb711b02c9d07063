import type { Context } from "../../../kernel/context.ts";
import type { Route } from "../../../kernel/service.ts";
import type { HttpRequest, HttpResponse } from "../../../wire/http.ts";
import type { InstanceRow } from "../instances/model.ts";
import { tables } from "../store.ts";
import { contentsFor } from "./contents.ts";
import { ownerOfDoor } from "./door.ts";
import { makeToken, readTtlSeconds, tokenExpiry } from "./token.ts";
import { readTree } from "./tree.ts";

const tokenHeader = "x-aws-ec2-metadata-token";
const ttlHeader = "x-aws-ec2-metadata-token-ttl-seconds";

/** Versions of the tree, all of which are the newest. */
const versions = /^\/(?:latest|\d{4}-\d\d-\d\d|1\.0)(?<path>\/.*)?$/;

/**
 * The instance metadata service: who asks is told by the door that the request came in by.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
 */
export const metadata: Route = {
  name: "instance-metadata",
  throughDoors: true,
  match({ door }) {
    const owner = ownerOfDoor(door);
    if (owner === undefined) return undefined;
    const { account, region, id } = owner;
    return { account, region, parameters: { id } };
  },
  async handle(ctx, request, { parameters: { id = "" } }) {
    const row = ctx.table(tables.instances).get(id);
    if (row === undefined || row.metadataOptions.HttpEndpoint === "disabled") return plain(403, "Forbidden");
    if (request.method === "PUT" && request.path === "/latest/api/token") return issueToken(ctx, request, row);
    if (request.method !== "GET" && request.method !== "HEAD") return plain(405, "Method Not Allowed");
    return answer(ctx, request, row);
  },
};

function issueToken(ctx: Context, { headers }: HttpRequest, row: InstanceRow): HttpResponse {
  // A request that came through a proxy is not the instance's own.
  if (headers["x-forwarded-for"] !== undefined) return plain(403, "Forbidden");
  const seconds = readTtlSeconds(headers[ttlHeader]);
  if (seconds === undefined) return plain(400, "Bad Request");
  return plain(200, makeToken(row.metadataKey, ctx.now + seconds * 1000), { [ttlHeader]: String(seconds) });
}

async function answer(ctx: Context, { path, headers }: HttpRequest, row: InstanceRow): Promise<HttpResponse> {
  const token = headers[tokenHeader];
  const expiresAt = token === undefined ? undefined : tokenExpiry(row.metadataKey, token, ctx.now);
  const isAllowed = token === undefined ? row.metadataOptions.HttpTokens === "optional" : expiresAt !== undefined;
  if (!isAllowed) return plain(401, "Unauthorized");
  const rest = path === "/" ? undefined : versions.exec(path)?.groups;
  if (path === "/") return plain(200, "latest");
  if (rest === undefined) return plain(404, "Not Found");
  const within = decodeURIComponent(rest["path"] ?? "/");
  const text = readTree(await contentsFor(ctx, row, within), within);
  if (text === undefined) return plain(404, "Not Found");
  const left = expiresAt === undefined ? {} : { [ttlHeader]: String(Math.ceil((expiresAt - ctx.now) / 1000)) };
  return plain(200, text, left);
}

function plain(status: number, text: string, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  // User data may be bytes of any kind, each of which is a character here.
  return {
    status,
    headers: { "content-type": "text/plain", server: "EC2ws", ...headers },
    body: Buffer.from(text, "latin1"),
  };
}
