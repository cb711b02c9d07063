import { createHash } from "node:crypto";
import { assert, asyncProperty, nat } from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { decodeRequest, encodeResponse, loadModel, modelIds, trailersOf } from "./index.ts";
import {
  isRoundTrippable,
  loadCloudWatchClient,
  loadSdkClients,
  roundTrip,
  roundTripError,
  type SdkClient,
} from "./round-trip.test-kit.ts";

let clients: ReadonlyMap<string, SdkClient>;

beforeAll(async () => {
  clients = await loadSdkClients();
});

/** The failures of all, so that one run shows them all. */
async function failuresOf(work: readonly (() => Promise<void>)[]): Promise<string[]> {
  const failures: string[] = [];
  for (const one of work) {
    await one().catch((error: unknown) =>
      failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error)),
    );
  }
  return failures;
}

function property(work: (seed: number) => readonly (() => Promise<void>)[]): Promise<void> {
  return assert(
    asyncProperty(nat(), async (seed) => {
      expect((await failuresOf(work(seed))).join("\n\n")).toBe("");
    }),
    { numRuns: 1, endOnFailure: true },
  );
}

const clientOf = (id: string): SdkClient => {
  const found = clients.get(id);
  if (found === undefined) throw new Error(`No client for ${id}.`);
  return found;
};

describe.each([
  ...modelIds().map((id) => ({ name: id, id, client: () => Promise.resolve(clientOf(id)) })),
  { name: "CloudWatch in CBOR", id: "monitoring", client: () => loadCloudWatchClient("smithyRpcV2Cbor") },
  { name: "CloudWatch in forms", id: "monitoring", client: () => loadCloudWatchClient("query") },
])("$name", ({ id, client: load }) => {
  const operations = [...loadModel(id).operations.values()].filter(isRoundTrippable).map(({ name }) => name);
  let client: SdkClient;
  beforeAll(async () => {
    client = await load();
  });

  it("carries every operation's required members from the SDK and back", () =>
    property((seed) => operations.map((name) => () => roundTrip(client, name, seed, "minimal"))));

  it("carries every member of every operation from the SDK and back", () =>
    property((seed) => operations.map((name) => () => roundTrip(client, name, seed, "full"))));

  it("carries every error's code, message, status and members to the SDK", () => {
    const errors = [...new Set(loadModel(id).errors.values())];
    const [operation = ""] = operations;
    return property((seed) => errors.map((error) => () => roundTripError(client, operation, error, seed)));
  });
});

it("takes an upload that the SDK streams, with the checksum that it computes on the way", async () => {
  const s3 = clientOf("s3");
  const content = Buffer.alloc(300_000, "some content ");
  const Body = Readable.from([content.subarray(0, 100_000), content.subarray(100_000)]);
  const input = { Bucket: "b", Key: "k", Body, ContentLength: content.length, ChecksumAlgorithm: "SHA256" };
  const output = await s3.call("PutObject", input, async (request) => {
    const { operation, input: arrived } = await decodeRequest(s3.model, request);
    const received = arrived.Body as Readable;
    expect(request.headers["x-amz-content-sha256"]).toBe("STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    expect(arrived).toMatchObject({ Bucket: "b", Key: "k", ContentLength: content.length });
    expect(content.equals(await buffer(received))).toBe(true);
    return encodeResponse(
      s3.model,
      operation,
      { ETag: trailersOf(received)["x-amz-checksum-sha256"] },
      { requestId: "an-id" },
    );
  });
  expect(output.ETag).toBe(createHash("sha256").update(content).digest("base64"));
});
