import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { request } from "node:https";
import { text } from "node:stream/consumers";
import { createServer as createTlsServer } from "node:https";
import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";
import { afterEach, beforeEach, expect, test } from "vitest";
import { certificateA, certificateB } from "./certificates.test-kit.ts";
import {
  addressTarget,
  freePort,
  groupConfig,
  listen,
  listenerConfig,
  planeConfig,
  quickChecks,
  Stage,
} from "./plane.test-kit.ts";

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.clear());

/** A balancer that speaks TLS, in front of a target that tells what it was asked. */
async function secured(attributes: Record<string, string> = {}) {
  const target = await stage.target((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    void text(incoming).then((body) => outgoing.end(JSON.stringify({ method, url, headers, body })));
  });
  const port = await freePort();
  const plane = stage.plane();
  const listener = listenerConfig(port, { certificates: [certificateA, certificateB], attributes });
  const group = groupConfig([addressTarget(target.port)]);
  expect(await plane.apply(planeConfig(listener, group))).toEqual({});
  await plane.when("healthy");
  return { port, plane, listener, group };
}

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

async function ask(port: number, servername: string): Promise<{ readonly seen: Seen; readonly commonName: string }> {
  const asked = request({ port, host: "127.0.0.1", servername, rejectUnauthorized: false, agent: false });
  asked.end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  const commonName = String((response.socket as TLSSocket).getPeerCertificate().subject.CN);
  return { seen: JSON.parse(await text(response)) as Seen, commonName };
}

test("a client gets the certificate of the name that it asks for, else the first", async () => {
  const { port } = await secured({ "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "true" });
  const first = await ask(port, "x.b.example");
  expect(first.commonName).toBe("b.example");
  expect(first.seen.headers).toMatchObject({
    "x-forwarded-proto": "https",
    "x-amzn-tls-version": "TLSv1.3",
    "x-amzn-tls-cipher-suite": expect.stringMatching(/^TLS_/),
  });
  expect((await ask(port, "elsewhere.example")).commonName).toBe("a.example");
});

test("certificates are exchanged without closing the port", async () => {
  const { port, plane, listener, group } = await secured();
  expect((await ask(port, "x")).commonName).toBe("a.example");
  expect(await plane.apply(planeConfig({ ...listener, certificates: [certificateB] }, group))).toEqual({});
  expect((await ask(port, "x")).commonName).toBe("b.example");
  const broken = [{ certificate: certificateA.certificate, privateKey: certificateB.privateKey }];
  const failures = await plane.apply(planeConfig({ ...listener, certificates: broken }, group));
  expect(failures).toEqual({ listener: expect.stringContaining("key values mismatch") });
});

test("HTTP/2 comes out as HTTP/1.1, many requests at once", async () => {
  const { port } = await secured();
  const session = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  stage.defer(() => session.destroy());
  const send = async (path: string, body?: string) => {
    const stream = session.request(
      { ":path": path, ":method": body === undefined ? "GET" : "POST" },
      { endStream: body === undefined },
    );
    if (body !== undefined) stream.end(body);
    const [headers] = (await once(stream, "response")) as [{ ":status": number }];
    return { status: headers[":status"], seen: JSON.parse(await text(stream)) as Seen };
  };
  const large = "0123456789".repeat(50_000);
  const answers = await Promise.all([send("/a?b=c"), send("/post", "hello"), send("/large", large)]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(answers.map(({ seen }) => [seen.method, seen.url, seen.body.length])).toEqual([
    ["GET", "/a?b=c", 0],
    ["POST", "/post", 5],
    ["POST", "/large", large.length],
  ]);
  expect(answers[0]?.seen.headers).toMatchObject({ host: `127.0.0.1:${port}`, "x-forwarded-proto": "https" });
});

test("a listener can be told not to speak HTTP/2", async () => {
  const { port } = await secured({ "routing.http2.enabled": "false" });
  const session = connectHttp2(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  const [error] = (await once(session, "error")) as [Error];
  expect(error.message).toMatch(/no application protocol|h2/i);
});

test("a target is reached and checked over TLS", async () => {
  const target = createTlsServer({ cert: certificateA.certificate, key: certificateA.privateKey }, (_, response) =>
    response.end("secret"),
  );
  stage.defer(() => {
    target.closeAllConnections();
    target.close();
  });
  const port = await freePort();
  const plane = stage.plane();
  const group = groupConfig([addressTarget(await listen(target))], {
    protocol: "HTTPS",
    healthCheck: { ...quickChecks, protocol: "HTTPS" },
  });
  await plane.apply(planeConfig(listenerConfig(port), group));
  await plane.when("healthy");
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("secret");
});
