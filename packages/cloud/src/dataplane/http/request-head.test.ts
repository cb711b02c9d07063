import { expect, test } from "vitest";
import { parseRequestHead } from "./request-head.ts";
import type { RequestHead } from "./request-head.ts";

const parse = (...lines: string[]) => parseRequestHead(`${lines.join("\r\n")}\r\n\r\n`);

test("a request is understood", () => {
  const head = parse(
    "POST /a/b?c=d HTTP/1.1",
    "Host: example.com:81",
    "Content-Length: 5",
    "X-A:  b c ",
  ) as RequestHead;
  expect(head).toMatchObject({
    method: "POST",
    target: "/a/b?c=d",
    path: "/a/b",
    query: "c=d",
    minor: 1,
    host: "example.com:81",
    framing: { kind: "length", length: 5 },
    keepsAlive: true,
    upgrade: undefined,
  });
  expect(head.headers.at(-1)).toEqual({ name: "X-A", lower: "x-a", value: "b c" });
});

test.each([
  ["HTTP/1.0 closes", ["GET / HTTP/1.0"], false],
  ["HTTP/1.0 can ask to go on", ["GET / HTTP/1.0", "Connection: Keep-Alive"], true],
  ["HTTP/1.1 goes on", ["GET / HTTP/1.1", "Host: a"], true],
  ["HTTP/1.1 can ask to close", ["GET / HTTP/1.1", "Host: a", "Connection: x, Close"], false],
])("%s", (_, lines, keepsAlive) => {
  expect(parse(...lines)).toMatchObject({ keepsAlive });
});

test("the authority of a target in absolute form counts", () => {
  const head = parse("GET http://b.example/x HTTP/1.1", "Host: a");
  expect(head).toMatchObject({ target: "/x", path: "/x", host: "b.example" });
});

test.each<[string, number, string[]]>([
  ["a length and chunks", 400, ["POST / HTTP/1.1", "Host: a", "Content-Length: 3", "Transfer-Encoding: chunked"]],
  ["two lengths", 400, ["POST / HTTP/1.1", "Host: a", "Content-Length: 3", "Content-Length: 4"]],
  ["two lengths in one", 400, ["POST / HTTP/1.1", "Host: a", "Content-Length: 3, 3"]],
  ["a length with a sign", 400, ["POST / HTTP/1.1", "Host: a", "Content-Length: +3"]],
  ["chunks twice", 400, ["POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"]],
  ["another coding", 501, ["POST / HTTP/1.1", "Host: a", "Transfer-Encoding: gzip, chunked"]],
  ["a coding that only looks like chunks", 501, ["POST / HTTP/1.1", "Host: a", "Transfer-Encoding: xchunked"]],
  ["chunks in HTTP/1.0", 400, ["POST / HTTP/1.0", "Transfer-Encoding: chunked"]],
  ["a space before the colon", 400, ["POST / HTTP/1.1", "Host: a", "Transfer-Encoding : chunked"]],
  ["a folded line", 400, ["GET / HTTP/1.1", "Host: a", "X: 1", " Transfer-Encoding: chunked"]],
  ["a bare line feed", 400, ["GET / HTTP/1.1", "Host: a", "X: 1\nTransfer-Encoding: chunked"]],
  ["a bare carriage return", 400, ["GET / HTTP/1.1", "Host: a", "X: 1\rTransfer-Encoding: chunked"]],
  ["a NUL", 400, ["GET / HTTP/1.1", "Host: a", "X: 1\u0000"]],
  ["no host", 400, ["GET / HTTP/1.1"]],
  ["two hosts", 400, ["GET / HTTP/1.1", "Host: a", "Host: b"]],
  ["a host that is none", 400, ["GET / HTTP/1.1", "Host: a b"]],
  ["a space in the target", 400, ["GET /a b HTTP/1.1", "Host: a"]],
  ["a relative target", 400, ["GET a HTTP/1.1", "Host: a"]],
  ["a tunnel", 400, ["CONNECT a:1 HTTP/1.1", "Host: a"]],
  ["a trace", 405, ["TRACE / HTTP/1.1", "Host: a"]],
  ["a method that is none", 400, ["G(T / HTTP/1.1", "Host: a"]],
  ["an old line", 400, ["GET /"]],
  ["another version", 505, ["GET / HTTP/3.0", "Host: a"]],
  ["a long line", 414, [`GET /${"x".repeat(17_000)} HTTP/1.1`, "Host: a"]],
  ["a long header", 400, ["GET / HTTP/1.1", "Host: a", `X: ${"x".repeat(17_000)}`]],
])("%s is refused", (_, status, lines) => {
  expect(parse(...lines)).toEqual({ refused: status });
});
