import { createServer } from "node:net";
import type { Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
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

/** A balancer in front of one target that speaks as it is told: byte for byte. */
async function before(serve: (text: string, socket: Socket) => void) {
  const server = createServer((socket) => {
    stage.defer(() => socket.destroy());
    let text = "";
    socket.on("error", () => {});
    socket.on("data", (piece) => {
      text += piece.toString("latin1");
      serve(text, socket);
    });
  });
  stage.defer(() => server.close());
  const port = await freePort();
  const plane = stage.plane();
  const group = groupConfig([addressTarget(await listen(server))], { healthCheck: { ...quickChecks, enabled: false } });
  await plane.apply(planeConfig(listenerConfig(port), group));
  return port;
}

const headOf = (text: string) => text.slice(0, text.indexOf("\r\n\r\n"));
const bodyOf = (text: string) => text.slice(text.indexOf("\r\n\r\n") + 4);

test("chunks are handed on as they are, both ways", async () => {
  const port = await before((text, socket) => {
    if (!text.endsWith("0\r\n\r\n")) return;
    const echo = bodyOf(text);
    socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nKeep-Alive: timeout=5\r\nX-A: b\r\n\r\n${echo}`);
  });
  const body = "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  const sent = `PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body}`;
  const answer = await stage.exchange(port, sent, (text) => text.endsWith("0\r\n\r\n"));
  expect(bodyOf(answer)).toBe(body);
  expect(headOf(answer)).toBe("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: b");
});

test("a client of HTTP/1.0 gets no chunks", async () => {
  const port = await before((text, socket) => {
    if (!text.includes("\r\n\r\n")) return;
    socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  });
  const answer = await stage.exchange(port, "GET / HTTP/1.0\r\n\r\n");
  expect(answer).toBe("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcde");
});

test("an answer that ends with its connection ends the client's too", async () => {
  const port = await before((text, socket) => {
    if (text.includes("\r\n\r\n")) socket.end("HTTP/1.0 200 OK\r\n\r\nto the end");
  });
  const answer = await stage.exchange(port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  expect(answer).toBe("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end");
});

test("answers without a body end with their head", async () => {
  const port = await before((text, socket) => {
    const asked = text.split("\r\n\r\n").length - 1;
    if (asked === 1) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    if (asked === 2) socket.write("HTTP/1.1 204 No Content\r\n\r\n");
    if (asked === 3) socket.write("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n");
    if (asked === 4) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlast");
  });
  const sent = ["HEAD", "GET", "GET", "GET"].map((method) => `${method} / HTTP/1.1\r\nHost: a\r\n\r\n`).join("");
  const answer = await stage.exchange(port, sent, (text) => text.endsWith("last"));
  expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 204", "HTTP/1.1 304", "HTTP/1.1 200"]);
});

test("a client that waits to be told to go on is told so at once", async () => {
  const port = await before((text, socket) => {
    expect(text.toLowerCase()).not.toContain("expect:");
    if (text.endsWith("body")) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  const socket = await stage.connection(port);
  socket.write("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  expect(await socket.until("\r\n\r\n")).toBe("HTTP/1.1 100 Continue\r\n\r\n");
  socket.write("body");
  expect(await socket.until("Content-Length: 0\r\n\r\n")).toContain("HTTP/1.1 200 OK");
});

test("a connection that switches its protocol carries anything to and fro", async () => {
  const port = await before((text, socket) => {
    if (socket.listenerCount("data") > 1 || !text.includes("\r\n\r\n")) return;
    expect(text).toContain("Upgrade: echo\r\nConnection: Upgrade\r\n");
    socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nwelcome");
    socket.on("data", (piece) => socket.write(piece));
  });
  const socket = await stage.connection(port);
  socket.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
  expect(await socket.until("welcome")).toContain("101 Switching Protocols");
  socket.write("\u0000\u0001ping");
  expect(await socket.until("ping")).toContain("\u0000\u0001ping");
});

test("what a client sends to one neighbour only is not handed on", async () => {
  let seen = "";
  const port = await before((text, socket) => {
    seen = text;
    if (text.includes("\r\n\r\n")) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  const fields =
    "Connection: x-secret\r\nX-Secret: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\nX-Forwarded-For: 1.2.3.4\r\nX-Amzn-Trace-Id: Root=1-a-b\r\n";
  await stage.exchange(port, `GET / HTTP/1.1\r\nHost: a\r\n${fields}\r\n`, (text) => text.endsWith("\r\n\r\n"));
  expect(seen).not.toMatch(/secret|keep-alive|^te:/im);
  expect(seen).toContain("X-Forwarded-For: 1.2.3.4, 127.0.0.1\r\n");
  expect(seen).toMatch(/X-Amzn-Trace-Id: Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=1-a-b\r\n/);
});

test("a request that two servers could read in two ways is refused, and ends its connection", async () => {
  let seen = "";
  const port = await before((text) => {
    seen = text;
  });
  const smuggled =
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\n";
  const answer = await stage.exchange(port, smuggled);
  expect(headOf(answer)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nServer: awselb\/2\.0\r\n/);
  expect(bodyOf(answer)).toContain("<title>400 Bad Request</title>");
  expect(seen).toBe("");
});

test.each([
  ["no answer in HTTP", "hello\r\n\r\n"],
  ["an answer that can be read in two ways", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"],
])("%s becomes 502", async (_, bytes) => {
  const port = await before((text, socket) => {
    if (text.includes("\r\n\r\n")) socket.write(bytes);
  });
  const response = await fetch(`http://127.0.0.1:${port}/`);
  expect(response.status).toBe(502);
  expect(response.headers.get("server")).toBe("awselb/2.0");
  expect(await response.text()).toBe(
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n",
  );
});

test("an answer that breaks off is not told as a whole one", async () => {
  const port = await before((text, socket) => {
    if (text.includes("\r\n\r\n")) socket.end("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  });
  await expect(fetch(`http://127.0.0.1:${port}/`).then((response) => response.text())).rejects.toThrow("terminated");
});

test("a target that answers too late becomes 504", async () => {
  const server = createServer();
  stage.defer(() => server.close());
  server.on("connection", (socket) => stage.defer(() => socket.destroy()));
  const port = await freePort();
  const plane = stage.plane();
  const group = groupConfig([addressTarget(await listen(server))], { healthCheck: { ...quickChecks, enabled: false } });
  const attributes = { "idle_timeout.timeout_seconds": "0.01" };
  await plane.apply(planeConfig(listenerConfig(port, { attributes }), group));
  const response = await fetch(`http://127.0.0.1:${port}/`);
  expect([response.status, response.statusText]).toEqual([504, "Gateway Time-out"]);
});
