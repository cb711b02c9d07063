import { createHash, createHmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccountId } from "@trysail/core";
import { createAuthenticator, rootOf } from "./authenticate.ts";
import { readSignature } from "./sigv4.ts";

/** What the SDK hashes with, as its signer wants it. */
class Sha256 {
  readonly #hash;
  constructor(secret?: string | Uint8Array) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret);
  }
  update(data: string | Uint8Array) {
    this.#hash.update(data);
  }
  digest() {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }
  reset() {}
}

const now = Date.UTC(2026, 5, 1);
const account = "111122223333" as AccountId;
const issued = { secretAccessKey: "s3cret", account, principal: rootOf(account) };
const authenticate = createAuthenticator({
  issued: (id) => (id === "AKIAEXAMPLE" ? issued : undefined),
  configured: undefined,
});

const signerFor = (service: string, secretAccessKey = "s3cret", accessKeyId = "AKIAEXAMPLE") =>
  new SignatureV4({
    service,
    region: "eu-west-1",
    sha256: Sha256 as never,
    credentials: { accessKeyId, secretAccessKey },
    uriEscapePath: service !== "s3",
  });

interface Sent {
  readonly service: string;
  readonly path: string;
  readonly query: Record<string, string>;
  readonly body: string;
}

const toSend = ({ path, query, body }: Sent) => ({
  method: "POST",
  protocol: "http:",
  hostname: "127.0.0.1",
  path,
  query,
  headers: { host: "127.0.0.1:4566", "x-amz-meta-note": "two  spaces " },
  body,
});

const percent = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

function asReceived(signed: {
  method: string;
  path: string;
  query?: Record<string, unknown>;
  headers: Record<string, string>;
}) {
  return {
    method: signed.method,
    path: signed.path,
    query: Object.entries(signed.query ?? {})
      .map(([name, value]) => `${percent(name)}=${percent(String(value))}`)
      .join("&"),
    headers: Object.fromEntries(Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), value])),
  };
}

async function check(received: ReturnType<typeof asReceived>, body: string, at = now) {
  const signature = readSignature(received);
  if (signature === undefined) throw new Error("no signature was found");
  return authenticate(signature, received, createHash("sha256").update(body).digest("hex"), at);
}

const anySent: fc.Arbitrary<Sent> = fc.record({
  service: fc.constantFrom("s3", "codebuild"),
  path: fc.array(fc.string({ unit: "binary-ascii", minLength: 1 }).map(percent)).map((parts) => `/${parts.join("/")}`),
  query: fc.dictionary(fc.stringMatching(/^[a-zA-Z-]{1,8}$/), fc.string(), { maxKeys: 4 }),
  body: fc.string(),
});

describe("signatures", () => {
  it("agree with the SDK's signer, whatever is signed", async () => {
    await fc.assert(
      fc.asyncProperty(anySent, async (sent) => {
        const signed = await signerFor(sent.service).sign(toSend(sent), { signingDate: new Date(now) });
        expect(await check(asReceived(signed as never), sent.body)).toMatchObject({ account });
      }),
      { numRuns: 300, examples: [[{ service: "codebuild", path: "/a/.././/b/", query: {}, body: "" }]] },
    );
  });

  const sent: Sent = { service: "s3", path: "/bucket/a%20key", query: { list: "1" }, body: "hello" };

  it("refuse a request that was changed after signing", async () => {
    const received = asReceived(await signerFor("s3").sign(toSend(sent), { signingDate: new Date(now) }));
    await expect(check({ ...received, path: "/bucket/another" }, "hello")).rejects.toMatchObject({
      code: "SignatureDoesNotMatch",
    });
    await expect(check(received, "hullo")).rejects.toMatchObject({ code: "SignatureDoesNotMatch" });
  });

  it("refuse another secret, an unknown key and a clock that is far off", async () => {
    const other = asReceived(await signerFor("s3", "wrong").sign(toSend(sent), { signingDate: new Date(now) }));
    await expect(check(other, "hello")).rejects.toMatchObject({ code: "SignatureDoesNotMatch" });
    const unknown = asReceived(
      await signerFor("s3", "s", "AKIAUNKNOWN").sign(toSend(sent), { signingDate: new Date(now) }),
    );
    await expect(check(unknown, "hello")).rejects.toMatchObject({ code: "InvalidAccessKeyId" });
    const good = asReceived(await signerFor("s3").sign(toSend(sent), { signingDate: new Date(now) }));
    await expect(check(good, "hello", now + 16 * 60_000)).rejects.toMatchObject({ code: "SignatureDoesNotMatch" });
  });

  it("of a presigned URL are good until it expires", async () => {
    const signed = await signerFor("s3").presign(
      { ...toSend(sent), method: "GET", headers: { host: "127.0.0.1:4566" } },
      { signingDate: new Date(now), expiresIn: 60 },
    );
    const received = asReceived(signed);
    const signature = readSignature(received);
    if (signature === undefined) throw new Error("no signature was found");
    const hash = createHash("sha256").update("hello").digest("hex");
    expect(authenticate(signature, received, hash, now + 59_000)).toMatchObject({ account });
    expect(() => authenticate(signature, received, hash, now + 61_000)).toThrow("Request has expired");
  });

  it("take the local default and twelve digits, unless a key is configured", async () => {
    const local = asReceived(
      await signerFor("s3", "test", "444455556666").sign(toSend(sent), { signingDate: new Date(now) }),
    );
    expect(await check(local, "hello")).toMatchObject({ account: "444455556666" });
    const strict = createAuthenticator({
      issued: () => undefined,
      configured: { accessKeyId: "only", secretAccessKey: "this" },
    });
    const signature = readSignature(local);
    if (signature === undefined) throw new Error("no signature was found");
    expect(() => strict(signature, local, createHash("sha256").update("hello").digest("hex"), now)).toThrow(
      "does not exist in our records",
    );
  });
});
