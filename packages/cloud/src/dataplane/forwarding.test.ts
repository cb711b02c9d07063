import { connect } from "node:net";
import { buffer, text as readText } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { addressTarget, freePort, groupConfig, listenerConfig, planeConfig, rule, Stage } from "./plane.test-kit.ts";

let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});
afterEach(() => stage.clear());

/** A balancer in front of targets that answer so. */
async function balanced(...answers: Parameters<Stage["target"]>[0][]) {
  const targets = await Promise.all(answers.map((answer) => stage.target(answer)));
  const port = await freePort();
  const plane = stage.plane();
  const targetConfigs = targets.map((target) => addressTarget(target.port));
  expect(await plane.apply(planeConfig(listenerConfig(port), groupConfig(targetConfigs)))).toEqual({});
  await plane.when("healthy");
  return { port, plane, targets };
}

test("a request reaches a target with its path, host and body, and with who asked", async () => {
  const { port } = await balanced((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    void readText(incoming).then((body) => outgoing.end(JSON.stringify({ method, url, headers, body })));
  });
  const response = await fetch(`http://127.0.0.1:${port}/a/b?c=d`, { method: "POST", body: "hello" });
  const seen = (await response.json()) as { headers: Record<string, string> };
  expect(seen).toMatchObject({ method: "POST", url: "/a/b?c=d", body: "hello" });
  expect(seen.headers).toMatchObject({
    host: `127.0.0.1:${port}`,
    "x-forwarded-for": "127.0.0.1",
    "x-forwarded-proto": "http",
    "x-forwarded-port": String(port),
    "x-amzn-trace-id": expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
  });
});

test("a large body goes through whole, both ways", async () => {
  const { port } = await balanced((incoming, outgoing) => incoming.pipe(outgoing));
  const body = Buffer.alloc(3 * 1024 * 1024, "0123456789abcdefg");
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: "PUT", body });
  expect(body.equals(Buffer.from(await response.arrayBuffer()))).toBe(true);
});

test("targets take turns", async () => {
  const { port } = await balanced(
    (_, outgoing) => outgoing.end("one"),
    (_, outgoing) => outgoing.end("two"),
  );
  const seen = [];
  for (let turn = 0; turn < 4; turn++) seen.push(await (await fetch(`http://127.0.0.1:${port}/`)).text());
  expect(seen.toSorted()).toEqual(["one", "one", "two", "two"]);
});

test("requests that follow on one connection are answered in their order", async () => {
  const { port } = await balanced((incoming, outgoing) => outgoing.end(`<${incoming.url}>`));
  const sent = ["/1", "/2", "/3"].map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join("");
  const answer = await stage.exchange(port, sent, (text) => text.includes("</3>"));
  expect(answer.match(/<\/\d>/g)).toEqual(["</1>", "</2>", "</3>"]);
});

test("a client that does not read holds nobody up, and gets its answer whole in the end", async () => {
  const bodyOf = (path: string) => Buffer.alloc(4 * 1024 * 1024, `${path} and so on `);
  const { port } = await balanced((incoming, outgoing) => outgoing.end(bodyOf(incoming.url ?? "")));
  const slow = connect(port, "127.0.0.1");
  stage.defer(() => slow.destroy());
  slow.pause();
  slow.write("GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const others = ["/1", "/2", "/3", "/4", "/5"];
  await Promise.all(
    others.map(async (path) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      expect(bodyOf(path).equals(Buffer.from(await response.arrayBuffer()))).toBe(true);
    }),
  );
  const answer = await buffer(slow);
  const body = answer.subarray(answer.indexOf("\r\n\r\n") + 4);
  expect(body.length).toBe(bodyOf("/slow").length);
  expect(bodyOf("/slow").equals(body)).toBe(true);
});

test("targets are found by the rules of the requests that come, also after they were changed", async () => {
  const { port, plane, targets } = await balanced((incoming, outgoing) => outgoing.end(incoming.url));
  const group = groupConfig(targets.map((target) => addressTarget(target.port)));
  const socket = await stage.connection(port);
  const ask = async (end: string) => {
    socket.write("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
    return (await socket.until(end)).slice(0, 12);
  };
  expect(await ask("/a")).toBe("HTTP/1.1 200");
  const gone = rule({ type: "fixed-response", status: 410, contentType: "text/plain", body: "gone" });
  await plane.apply(planeConfig(listenerConfig(port, { rules: [gone] }), group));
  expect(await ask("gone")).toBe("HTTP/1.1 410");
});
