import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { isDeepStrictEqual } from "node:util";
import { AwsQueryProtocol, AwsSmithyRpcV2CborProtocol } from "@aws-sdk/core/protocols";
import { AwsError } from "../kernel/errors.ts";
import type { HttpRequest, HttpResponse } from "./http.ts";
import { decodeRequest, encodeError, encodeResponse, loadModel } from "./index.ts";
import type { OperationModel, ServiceModel } from "./model.ts";
import { always, never, SampleValues, type Override, type Size } from "./sample-values.test-kit.ts";
import type { ErrorShape } from "./shape.ts";

/** An official SDK client whose requests come to `serve` instead of a network. */
export interface SdkClient {
  readonly model: ServiceModel;
  readonly call: (
    operation: string,
    input: Readonly<Record<string, unknown>>,
    serve: Serve,
  ) => Promise<Record<string, unknown>>;
}

export type Serve = (request: HttpRequest) => Promise<HttpResponse>;

const meta = { requestId: "00000000-aaaa-bbbb-cccc-000000000000" };

/** The clients of all services that this package knows, by the services' ids. */
export async function loadSdkClients(): Promise<ReadonlyMap<string, SdkClient>> {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    devDependencies: Record<string, string>;
  };
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
  const packages = Object.keys(manifest.devDependencies).filter((name) => name.startsWith("@aws-sdk/client-"));
  return new Map(await Promise.all(packages.map((name) => loadSdkClient(name))));
}

/** CloudWatch's client in the protocols that other clients of AWS's speak to CloudWatch. */
export async function loadCloudWatchClient(protocol: "smithyRpcV2Cbor" | "query"): Promise<SdkClient> {
  const protocols = { smithyRpcV2Cbor: AwsSmithyRpcV2CborProtocol, query: AwsQueryProtocol };
  const [, client] = await loadSdkClient("@aws-sdk/client-cloudwatch", { protocol: protocols[protocol] });
  return { ...client, model: loadModel("monitoring", protocol) };
}

interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  /** A text, bytes or a stream. */
  readonly body?: unknown;
}

interface Sdk {
  readonly [name: string]: new (argument: unknown) => {
    send(command: unknown): Promise<Record<string, unknown>>;
    readonly config: { readonly defaultSigningName: string };
  };
}

async function loadSdkClient(packageName: string, config: object = {}): Promise<[string, SdkClient]> {
  const sdk = (await import(packageName)) as Sdk;
  const Client = Object.entries(sdk).find(([name]) => /^[A-Za-z0-9]+Client$/.test(name))?.[1];
  if (Client === undefined) throw new Error(`${packageName} has no client.`);
  let serve: Serve | undefined;
  const client = new Client({
    ...config,
    region: "eu-west-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    endpoint: "http://127.0.0.1:4566",
    disableHostPrefix: true,
    forcePathStyle: true,
    maxAttempts: 1,
    requestHandler: {
      handle: async (request: SdkRequest) => {
        if (serve === undefined) throw new Error("Nobody serves.");
        const { status, headers, body } = await serve(received(request));
        const stream = body instanceof Readable ? body : Readable.from([Buffer.from(body)]);
        return { response: { statusCode: status, headers: { ...headers }, body: stream } };
      },
    },
  });
  const model = loadModel(client.config.defaultSigningName);
  const call: SdkClient["call"] = async (operation, input, with_) => {
    const Command = sdk[`${operation}Command`];
    if (Command === undefined) throw new Error(`${packageName} has no ${operation}.`);
    serve = with_;
    return client.send(new Command(input));
  };
  return [model.id, { model, call }];
}

/** The request as a server gets it. */
function received({ method, path, query = {}, headers, body = "" }: SdkRequest): HttpRequest {
  const pairs = Object.entries(query).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value]).map(
      (one: string | null) => `${encodeURIComponent(key)}=${encodeURIComponent(one ?? "")}`,
    ),
  );
  return {
    method,
    path,
    query: pairs.join("&"),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: body instanceof Readable ? body : Readable.from(bytesOf(body as string | Uint8Array)),
  };
}

function bytesOf(body: string | Uint8Array): readonly Buffer[] {
  if (body.length === 0) return [];
  // Of bytes the SDK hands over an array that complains of being taken for a string, as Buffer.from(body) does.
  return [typeof body === "string" ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength)];
}

/** Operations whose request or reply is a stream of events are framed otherwise, and not the codecs' matter. */
export function isRoundTrippable({ input, output }: OperationModel): boolean {
  return ![...(input?.members ?? []), ...(output?.members ?? [])].some((member) => member.eventStream);
}

/**
 * Calls an operation with a generated input and answers with a generated output.
 *
 * @throws Error that tells the first difference between what was given on one side and came out at the other
 */
export async function roundTrip(client: SdkClient, operationName: string, seed: number, size: Size): Promise<void> {
  const { model, call } = client;
  const operation = model.operations.get(operationName);
  if (operation === undefined) throw new Error(`${model.id} has no operation ${operationName}.`);
  const values = new SampleValues(seed, size, overrides(model));
  const input = operation.input === undefined ? {} : values.structure(operation.input);
  const output = operation.output === undefined ? {} : values.structure(operation.output);
  const where = `${model.id} ${operationName} (${size}, seed ${seed})`;
  const result = await call(operationName, input, async (request) => {
    const decoded = await decodeRequest(model, request);
    if (decoded.operation !== operation) throw new Error(`${where} was taken for ${decoded.operation.name}`);
    const arrived = withoutAdditions(await settle(decoded.input), input, operation);
    expectSame(`${where} input`, arrived, await settle(input));
    return encodeResponse(model, operation, output, meta);
  });
  const { $metadata, ...returned } = result;
  if (operation.http?.method === "HEAD") delete output.Body;
  expectSame(`${where} output`, withoutAdditions(await settle(returned), output, operation), await settle(output));
  const { requestId } = $metadata as { requestId?: string };
  if (requestId !== meta.requestId) throw new Error(`${where}: the request id is ${requestId}`);
}

/** Calls an operation, which fails with a generated error. The client must see its code, message, status and members. */
export async function roundTripError(
  client: SdkClient,
  operationName: string,
  error: ErrorShape,
  seed: number,
): Promise<void> {
  const { model, call } = client;
  const input = model.operations.get(operationName)?.input;
  const {
    Message: _,
    message: __,
    ...members
  } = new SampleValues(seed, "full", overrides(model)).structure(error.shape);
  // Two errors may share a code: the client knows one of them by it.
  const expected = model.errors.get(error.code);
  const thrown = new AwsError(error.code, 400 + (seed % 3), `No <${error.code}> & "co".`, members);
  const where = `${model.id} ${error.code} (seed ${seed})`;
  const minimal = input === undefined ? {} : new SampleValues(seed, "minimal", overrides(model)).structure(input);
  const caught: unknown = await call(operationName, minimal, async (request) =>
    encodeError(model, request, thrown, meta),
  ).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const { name, message, $metadata, ...rest } = caught as Error & { $metadata?: { httpStatusCode?: number } } & Record<
      string,
      unknown
    >;
  expectSame(
    where,
    { name, message, status: $metadata?.httpStatusCode },
    { name: expected?.shape.name, message: thrown.message, status: thrown.status },
  );
  const seen = Object.fromEntries(Object.keys(members).map((key) => [key, rest[key]]));
  expectSame(`${where} members`, await settle(seen), await settle(members));
}

/** What the SDK itself would change or refuse. */
function overrides({ id }: ServiceModel): Override {
  return (member) => {
    // Every reply has a status; of most numbers the SDK makes errors.
    if (member.location.in === "status") return 207;
    return OVERRIDES.get(id)?.get(member.name);
  };
}

const S3_OVERRIDES: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["Bucket", "some-bucket"],
  ["ChecksumAlgorithm", "CRC32"],
  ["ContentLength", never],
  // The SDK takes a reply without a body for an aborted copy.
  ["CopyObjectResult", always],
  ["CopyPartResult", always],
  // Parsed and passed on under another name too.
  ["Expires", never],
  ["ExpiresString", never],
  // Hashed by the SDK, which fills in the MD5.
  ["SSECustomerKey", never],
  ["SSECustomerKeyMD5", never],
  ["CopySourceSSECustomerKey", never],
  ["CopySourceSSECustomerKeyMD5", never],
]);

const OVERRIDES: ReadonlyMap<string, ReadonlyMap<string, unknown>> = new Map([
  ["s3", S3_OVERRIDES],
  // It may hold a structure without members, of which a form tells nothing.
  ["monitoring", new Map<string, unknown>([["EvaluationWindow", never]])],
  // The SDK makes a host of it, elsewhere.
  ["events", new Map<string, unknown>([["EndpointId", never]])],
]);

/** Members that the SDK adds of itself: checksums, lengths, types, tokens, and how to copy from another region. */
const ADDED: ReadonlySet<string> = new Set([
  "ChecksumAlgorithm",
  "ChecksumCRC32",
  "ChecksumMode",
  "ContentLength",
  "ContentMD5",
  "ContentType",
  "DestinationRegion",
  "PresignedUrl",
]);

function withoutAdditions(
  arrived: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, unknown>>,
  { input, output }: OperationModel,
): Record<string, unknown> {
  const added = new Set(ADDED);
  for (const member of input?.members ?? []) if (member.idempotencyToken) added.add(member.name);
  for (const member of output?.members ?? []) if (member.location.in === "status") added.add(member.name);
  return Object.fromEntries(
    Object.entries(arrived).filter(([name, value]) => name in given || !(added.has(name) || isNothing(value))),
  );
}

/** No value, a stream without bytes, a map without entries: what is not there on a wire that always has it. */
function isNothing(value: unknown): boolean {
  return value === null || value === plain(new Uint8Array(0)) || isDeepStrictEqual(value, {});
}

/** Streams read to their end and bytes of one class, so that values can be compared. */
async function settle(value: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
  const settled = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(
      async ([name, member]) =>
        [name, member instanceof Readable ? plain(await buffer(member)) : plain(member)] as const,
    );
  return Object.fromEntries(await Promise.all(settled));
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString("hex")}`;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Date || typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name, plain(member)]),
  );
}

function expectSame(where: string, actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Error(
    `${where}\ncame out as ${JSON.stringify(actual, null, 1)}\nand not as ${JSON.stringify(expected, null, 1)}`,
  );
}
