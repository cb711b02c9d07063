import { PassThrough } from "node:stream";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { HttpRequest, HttpResponse } from "../../wire/http.ts";
import type { Git, GitProcess } from "./command.ts";

/** The two services of git's smart HTTP protocol. */
export type GitService = "git-upload-pack" | "git-receive-pack";

/** What a request asks for, or the answer that refuses it. @see https://git-scm.com/docs/http-protocol */
export type SmartRequest =
  | { readonly kind: "advertise"; readonly service: GitService }
  | { readonly kind: "rpc"; readonly service: GitService }
  | { readonly kind: "refused"; readonly response: HttpResponse };

/** What git's clients and the proxies between must never keep. @see https://git-scm.com/docs/http-protocol */
const neverCached = {
  expires: "Fri, 01 Jan 1980 00:00:00 GMT",
  pragma: "no-cache",
  "cache-control": "no-cache, max-age=0, must-revalidate",
};

/** A refusal in words: git shows a plain text to its user, each line behind `remote:`. */
export function plainAnswer(status: number, text: string): HttpResponse {
  return {
    status,
    headers: { ...neverCached, "content-type": "text/plain; charset=utf-8" },
    body: Buffer.from(`${text}\n`),
  };
}

/** Pure: which of the protocol's requests this is. @param subPath - what follows the repository */
export function smartRequest(
  subPath: string,
  request: Pick<HttpRequest, "method" | "query" | "headers">,
): SmartRequest {
  const refused = (status: number, text: string): SmartRequest => ({
    kind: "refused",
    response: plainAnswer(status, text),
  });
  if (subPath === "info/refs") {
    if (request.method !== "GET") return refused(405, "info/refs is read with GET.");
    const service = serviceOf(new URLSearchParams(request.query).get("service") ?? "");
    return service === undefined
      ? refused(403, "Only git's smart HTTP protocol is served; use a newer git.")
      : { kind: "advertise", service };
  }
  const service = serviceOf(subPath);
  if (service === undefined) return refused(404, "There is nothing of this name in a repository served over HTTP.");
  if (request.method !== "POST") return refused(405, `${service} is called with POST.`);
  if (request.headers["content-type"] !== `application/x-${service}-request`) {
    return refused(415, `${service} takes application/x-${service}-request.`);
  }
  return { kind: "rpc", service };
}

function serviceOf(name: string): GitService | undefined {
  return name === "git-upload-pack" || name === "git-receive-pack" ? name : undefined;
}

/** The refs that the repository offers. */
export async function advertise(
  git: Git,
  folder: string,
  service: GitService,
  request: HttpRequest,
): Promise<HttpResponse> {
  const protocol = protocolOf(request);
  const refs = await git.output([service.slice("git-".length), "--stateless-rpc", "--advertise-refs", folder], {
    environment: protocol,
  });
  // Version 2 begins with its capabilities; receive-pack knows no version 2 and keeps the older heading.
  const isVersion2 = service === "git-upload-pack" && /(^|:)version=2(:|$)/.test(protocol.GIT_PROTOCOL ?? "");
  const heading = isVersion2 ? "" : `${packetLine(`# service=${service}\n`)}0000`;
  return {
    status: 200,
    headers: { ...neverCached, "content-type": `application/x-${service}-advertisement` },
    body: Buffer.concat([Buffer.from(heading), refs]),
  };
}

/** A fetch: what git sends is passed on as it comes, and git ends when the client goes away. */
export function uploadPack(git: Git, folder: string, request: HttpRequest): HttpResponse {
  const child = git.start(["upload-pack", "--stateless-rpc", "--strict", folder], protocolOf(request));
  feed(request, child, () => child.kill());
  // Read from now on, although the answer is sent later: Node drops what nobody reads when a process ends.
  const output = child.stdout.pipe(new PassThrough());
  output.once("close", () => {
    if (!output.readableEnded) child.kill();
  });
  // Without git the stream just ends; the advertisement before has told why.
  child.ended.catch(() => output.destroy());
  return answer("git-upload-pack", output);
}

/** A push, to its end. If the client goes away before all of its objects are there, git refuses them and no ref moves. */
export async function receivePack(git: Git, folder: string, request: HttpRequest): Promise<HttpResponse> {
  const child = git.start(["receive-pack", "--stateless-rpc", folder], protocolOf(request));
  feed(request, child, () => child.stdin.destroy());
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  await child.ended;
  return answer("git-receive-pack", Buffer.concat(chunks));
}

function answer(service: GitService, body: Buffer | Readable): HttpResponse {
  return { status: 200, headers: { ...neverCached, "content-type": `application/x-${service}-result` }, body };
}

function protocolOf(request: HttpRequest): Record<string, string> {
  const asked = request.headers["git-protocol"];
  return asked !== undefined && /^[\w=:.-]{1,100}$/.test(asked) ? { GIT_PROTOCOL: asked } : {};
}

/** Gives git the request's body, unpacked. Git may end before it has read all: the rest is then read and dropped. */
function feed(request: HttpRequest, child: GitProcess, onAborted: () => void): void {
  const body = request.body;
  const isPacked = /^(x-)?gzip$/.test(request.headers["content-encoding"] ?? "");
  const source = isPacked ? body.pipe(createGunzip()) : body;
  const abort = () => {
    if (!body.readableEnded) onAborted();
  };
  body.on("error", abort);
  body.once("close", abort);
  if (isPacked) source.on("error", onAborted);
  child.stdin.on("error", () => {
    source.unpipe(child.stdin);
    source.resume();
  });
  source.pipe(child.stdin);
  // The client may have gone while the repository was waited for.
  if (body.destroyed) abort();
}

/** A packet line: four hexadecimal digits of length, themselves included, then the text. */
function packetLine(text: string): string {
  return `${(Buffer.byteLength(text) + 4).toString(16).padStart(4, "0")}${text}`;
}
