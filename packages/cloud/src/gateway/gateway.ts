import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Clock, Log, Region } from "@trysail/core";
import { parseAccountId, parseRegion } from "@trysail/core";
import { AwsError, commonErrors } from "../kernel/errors.ts";
import type { Ids } from "../kernel/ids.ts";
import { toAwsError } from "../kernel/kernel.ts";
import type { CallScope } from "../kernel/call-context.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { RouteHead, Service } from "../kernel/service.ts";
import type { Store } from "../store/table.ts";
import type { HttpRequest, HttpResponse, RequestHead } from "../wire/http.ts";
import { decodeRequest, encodeError, encodeResponse, modelFor, modelIds, readSentBody } from "../wire/index.ts";
import type { ServiceModel } from "../wire/model.ts";
import { anonymous, carriesKey, createAuthenticator } from "./authenticate.ts";
import type { Caller, ConfiguredCredentials } from "./authenticate.ts";
import type { Doors } from "./doors.ts";
import { listen } from "./listener.ts";
import type { AnyRequest, AnyResponse, Listener } from "./listener.ts";
import { openDoors } from "./open-doors.ts";
import { foreignOrigin, hostnameOf, isOwnHost } from "./origin.ts";
import { payloadHash, readSignature } from "./sigv4.ts";
import { bucketOfHost } from "./virtual-host.ts";

export interface GatewayParts {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly services: readonly Service[];
  readonly kernel: Kernel;
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly configured: ConfiguredCredentials | undefined;
  /** Where requests that name no region are carried out. */
  readonly defaultRegion: Region;
  /** What a first request must find done. */
  prepared(): Promise<void>;
}

/** A reply, and what the log tells of it. */
interface Answer {
  readonly response: HttpResponse;
  readonly service: string;
  readonly operation: string;
}

export interface Gateway extends Listener {
  readonly doors: Doors;
}

/** Opens the one port, and answers what comes in there and by the doors. */
export async function openGateway(parts: GatewayParts): Promise<Gateway> {
  const { services, kernel, store, clock, ids, log, defaultRegion } = parts;
  const modelled = new Set(modelIds());
  const issuers = services.filter((service) => service.credentials !== undefined);
  const sharers = services.filter((service) => service.crossOrigin !== undefined);
  const routed = services.flatMap((service) => (service.routes ?? []).map((route) => ({ service, route })));

  const scopeOf = (requestId: string, signal: AbortSignal, caller: Caller, region: string | undefined): CallScope => ({
    account: caller.account,
    principal: caller.principal,
    region: parseRegion(region ?? "") ?? defaultRegion,
    requestId,
    signal,
  });

  const lookUp = (accessKeyId: string) => {
    const scope = scopeOf("", new AbortController().signal, anonymous, undefined);
    for (const service of issuers) {
      const found = service.credentials?.(kernel.context(service, scope), accessKeyId);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const authenticate = createAuthenticator({ issued: lookUp, configured: parts.configured });

  /** Calls the operation that a request names. Throws what is to be told to the client. */
  const call = async (
    model: ServiceModel,
    original: RequestHead,
    request: HttpRequest,
    requestId: string,
    signal: AbortSignal,
  ): Promise<Answer> => {
    const signature = readSignature(original);
    let body: Readable | Buffer = request.body;
    let caller = anonymous;
    if (signature !== undefined) {
      // A declared hash is verified when the body is read; where none is declared, the body is read for its hash.
      let hash = original.headers["x-amz-content-sha256"];
      if (hash === undefined && model.id !== "s3") {
        body = await readSentBody(model, request);
        hash = payloadHash(body);
      }
      caller = authenticate(signature, original, hash ?? "UNSIGNED-PAYLOAD", clock.now());
    } else if (model.id !== "s3") {
      throw commonErrors.MissingAuthenticationToken("Missing Authentication Token");
    }
    const scope = scopeOf(requestId, signal, caller, signature?.region);
    const { operation, input } = await decodeRequest(model, { ...request, body });
    await parts.prepared();
    const output = await kernel.invoke(model.id, uncapitalize(operation.name), scope, input);
    await store.durable();
    return {
      response: encodeResponse(model, operation, output as Record<string, unknown>, { requestId }),
      service: model.id,
      operation: operation.name,
    };
  };

  const answer = async (
    original: RouteHead,
    body: Readable,
    requestId: string,
    signal: AbortSignal,
  ): Promise<Answer> => {
    const bucket = bucketOfHost(original.hostname);
    const head: RouteHead = bucket === undefined ? original : { ...original, path: `/${bucket}${original.path}` };
    const request = { ...head, body };
    const scope = scopeOf(requestId, signal, anonymous, undefined);

    let granted: Readonly<Record<string, string>> = {};
    const origin = foreignOrigin(head);
    if (origin !== undefined) {
      const grant = sharers
        .map((service) => service.crossOrigin?.(kernel.context(service, scope), head, origin))
        .find((it) => it !== undefined);
      if (grant === undefined)
        return plain(403, `Trysail refuses requests from web pages of other origins (this one: ${origin}).`);
      if (head.method === "OPTIONS")
        return { response: { status: 200, headers: grant, body: nothing }, service: "s3", operation: "preflight" };
      granted = grant;
    }
    const withGrant = (given: Answer): Answer => ({
      ...given,
      response: { ...given.response, headers: { ...given.response.headers, ...granted } },
    });

    for (const { service, route } of routed) {
      if ((route.throughDoors === true) !== (head.door !== undefined)) continue;
      const match = route.match(head);
      if (match === undefined) continue;
      if (route.needsKey === true && parts.configured !== undefined) {
        if (!carriesKey(head.headers.authorization, parts.configured)) return withoutKey;
      }
      const account = parseAccountId(match.account ?? "") ?? anonymous.account;
      const region = parseRegion(match.region ?? "") ?? defaultRegion;
      const response = await route.handle(kernel.context(service, { ...scope, account, region }), request, match);
      await store.durable();
      return withGrant({ response, service: service.id, operation: route.name });
    }

    if (head.door !== undefined) return plain(404, `Nothing answers ${head.path} here.`);
    const id = serviceOf(original, bucket !== undefined);
    if (id === undefined) {
      return withGrant(
        unmodelled("gateway", commonErrors.MissingAuthenticationToken("Missing Authentication Token"), head, requestId),
      );
    }
    if (!modelled.has(id)) {
      const error = commonErrors.NotImplemented(`Trysail does not implement the service ${id}.`);
      return withGrant(unmodelled(id, error, head, requestId));
    }
    const model = modelFor(id, original);
    try {
      return withGrant(await call(model, original, request, requestId, signal));
    } catch (thrown) {
      if (!(thrown instanceof AwsError)) logFault(log, requestId, id, thrown);
      const error = toAwsError(thrown);
      return withGrant({
        response: encodeError(model, head, error, { requestId }),
        service: id,
        operation: error.code,
      });
    }
  };

  const handle = (request: AnyRequest, response: AnyResponse, door?: string): void => {
    const startedAt = performance.now();
    const requestId = ids.uuid();
    const gone = new AbortController();
    response.on("close", () => {
      if (!response.writableFinished) gone.abort(new Error("the client has gone away"));
    });
    const head: RouteHead = { ...headOf(request), ...(door !== undefined && { door }) };
    const reply = isOwnHost(head.hostname, parts.host)
      ? answer(head, request, requestId, gone.signal)
      : Promise.resolve(
          plain(403, `Trysail does not answer for the host "${head.hostname}". Use 127.0.0.1 or localhost.`),
        );
    reply
      .catch((thrown: unknown) => {
        logFault(log, requestId, "gateway", thrown);
        return plain(500, `Internal failure. The log has more, under the request id ${requestId}.`);
      })
      .then(async ({ response: given, service, operation }) => {
        await send(response, given, requestId);
        // What the handler left unread would hold up the connection's next request.
        if (!request.readableEnded) request.unpipe().resume();
        // A worker of rollouts asks every second whether there is something to do.
        const tell = request.headers["user-agent"]?.includes("trysail-worker") === true ? log.debug : log.info;
        tell("request", {
          requestId,
          service,
          operation,
          status: given.status,
          ms: Math.round((performance.now() - startedAt) * 10) / 10,
        });
      })
      .catch(() => {
        // The client went away in the middle of the reply: nobody is left to tell.
        response.destroy();
      });
  };

  const doors = openDoors((door) => (request, response) => handle(request, response, door));
  const listener = await listen(parts.host, parts.port, handle);
  return {
    port: listener.port,
    doors,
    async close() {
      await Promise.all([listener.close(), doors.closeAll()]);
    },
  };
}

const nothing = new Uint8Array();

function uncapitalize(name: string): string {
  return `${name[0]?.toLowerCase()}${name.slice(1)}`;
}

function headOf(request: AnyRequest): RouteHead {
  const url = request.url ?? "/";
  const queryAt = url.indexOf("?");
  const headers = request.headers as Record<string, string | undefined>;
  headers["host"] ??= headers[":authority"] ?? "";
  return {
    method: request.method ?? "GET",
    path: queryAt < 0 ? url : url.slice(0, queryAt),
    query: queryAt < 0 ? "" : url.slice(queryAt + 1),
    headers,
    hostname: hostnameOf(headers["host"]),
  };
}

/** The service that a request is for: its signature's, or S3, the only one that takes requests without. */
function serviceOf(head: RequestHead, isVirtualHost: boolean): string | undefined {
  if (isVirtualHost) return "s3";
  const credential =
    /Credential=[^,\s]*?\/\d{8}\/[^/,]+\/([^/,]+)\/aws4_request/.exec(head.headers.authorization ?? "") ??
    /X-Amz-Credential=[^&]*?(?:%2F|\/)\d{8}(?:%2F|\/)[^&/%]+(?:%2F|\/)([^&/%]+)(?:%2F|\/)aws4_request/i.exec(
      head.query,
    );
  return credential?.[1] ?? (head.headers["x-amz-target"] === undefined ? "s3" : undefined);
}

/** What makes git ask its user for the key. */
const withoutKey: Answer = {
  response: {
    status: 401,
    headers: { "www-authenticate": 'Basic realm="Trysail"', "content-type": "text/plain; charset=utf-8" },
    body: Buffer.from("This Trysail demands its key: the access key id as the user, its secret as the password.\n"),
  },
  service: "gateway",
  operation: "401",
};

function plain(status: number, text: string): Answer {
  return {
    response: { status, headers: { "content-type": "text/plain; charset=utf-8" }, body: Buffer.from(`${text}\n`) },
    service: "gateway",
    operation: String(status),
  };
}

/** An error where no service's model says how to encode it: told in the form that the client seems to speak. */
function unmodelled(service: string, error: AwsError, head: RequestHead, requestId: string): Answer {
  const { code, message, status } = error;
  const json = head.headers["x-amz-target"] !== undefined || head.headers["content-type"]?.includes("json") === true;
  const body = json
    ? JSON.stringify({ __type: code, message })
    : `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message.replace(/[<>&]/g, "")}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
  const headers = { "content-type": json ? "application/x-amz-json-1.1" : "text/xml", "x-amzn-errortype": code };
  return { response: { status, headers, body: Buffer.from(body) }, service, operation: code };
}

function logFault(log: Log, requestId: string, service: string, thrown: unknown): void {
  log.error("a request failed", {
    requestId,
    service,
    error: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
  });
}

async function send(response: AnyResponse, given: HttpResponse, requestId: string): Promise<void> {
  const { status, headers, cookies = [], body } = given;
  const all: Record<string, string | number | string[]> = { "x-amzn-requestid": requestId, ...headers };
  if (cookies.length > 0) all["set-cookie"] = [...cookies];
  if (body instanceof Readable) {
    response.writeHead(status, all);
    await pipeline(body, response as NodeJS.WritableStream);
    return;
  }
  if (body.length > 0) all["content-length"] ??= body.length;
  else if (status !== 204 && status !== 304) all["content-length"] ??= 0;
  response.writeHead(status, all);
  await new Promise<void>((resolve) => (response as NodeJS.WritableStream).end(body, () => resolve()));
}
