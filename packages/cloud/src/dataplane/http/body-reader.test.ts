import fc from "fast-check";
import { expect, test } from "vitest";
import { BodyReader } from "./body-reader.ts";
import { HeadReader } from "./head-reader.ts";
import { parseRequestHead } from "./request-head.ts";
import type { Framing } from "./header.ts";

/** Reads a message that comes in such pieces. */
function read(framing: Framing, text: Buffer, cuts: readonly number[]) {
  const content: Buffer[] = [];
  const reader = new BodyReader(framing, (start, end, piece) => content.push(Buffer.from(piece.subarray(start, end))));
  const bounds = [0, ...cuts.map((cut) => cut % (text.length + 1)).toSorted((a, b) => a - b), text.length];
  let taken = 0;
  for (const [index, start] of bounds.entries()) {
    const piece = text.subarray(start, bounds[index + 1] ?? text.length);
    taken += reader.take(piece, 0, piece.length);
    if (reader.done || reader.failed) break;
  }
  return { content: Buffer.concat(content), taken, done: reader.done, failed: reader.failed };
}

const chunked = (chunks: readonly Uint8Array[], trailers = "") =>
  Buffer.concat([
    ...chunks.flatMap((chunk) => [Buffer.from(`${chunk.length.toString(16)};a=b\r\n`), chunk, Buffer.from("\r\n")]),
    Buffer.from(`0\r\n${trailers}\r\n`),
  ]);

const someCuts = fc.array(fc.nat(), { maxLength: 12 });

test("a chunked body is the same wherever its pieces are cut, and ends where it ends", () => {
  const someChunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 5 });
  fc.assert(
    fc.property(someChunks, fc.constantFrom("", "X-A: b\r\n"), someCuts, (chunks, trailers, cuts) => {
      const message = chunked(chunks, trailers);
      const { content, taken, done } = read({ kind: "chunked" }, Buffer.concat([message, Buffer.from("GET /")]), cuts);
      expect(done).toBe(true);
      expect(content.equals(Buffer.concat(chunks))).toBe(true);
      expect(taken).toBe(message.length);
    }),
  );
});

test("a body of a known length ends there, wherever its pieces are cut", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), someCuts, (body, cuts) => {
      const framing: Framing = { kind: "length", length: body.length };
      const { content, taken, done } = read(framing, Buffer.concat([body, Buffer.from("next")]), cuts);
      expect([done, taken, content.equals(body)]).toEqual([true, body.length, true]);
    }),
  );
});

test.each([
  ["no size", "\r\n"],
  ["a size with a sign", "-1\r\n"],
  ["a size that is no number", "0x5\r\nhello\r\n"],
  ["a blank before the size", " 5\r\nhello\r\n"],
  ["a blank after the size", "5 \r\nhello\r\n"],
  ["a size beyond counting", "fffffffffffff\r\n"],
  ["a bare line feed after the size", "5\nhello\r\n"],
  ["a bare line feed in an extension", "5;a\nb\r\nhello\r\n"],
  ["more than the size", "5\r\nhello!\r\n"],
  ["a bare line feed after the content", "5\r\nhello\n0\r\n\r\n"],
  ["a folded trailer", "0\r\n a: b\r\n\r\n"],
  ["a bare line feed in the trailers", "0\r\na: b\n\r\n"],
])("chunks with %s fail", (_, text) => {
  expect(read({ kind: "chunked" }, Buffer.from(text), [])).toMatchObject({ failed: true, done: false });
});

test("a head is the same wherever its pieces are cut", () => {
  const text = "GET /a?b HTTP/1.1\r\nHost: example.com\r\nCookie: a=b\r\n\r\n";
  const twice = Buffer.from(`${text}${text}rest`);
  fc.assert(
    fc.property(someCuts, (cuts) => {
      const heads = new HeadReader(parseRequestHead, 1000);
      const found: string[] = [];
      let rest = "";
      const bounds = [0, ...cuts.map((cut) => cut % twice.length).toSorted((a, b) => a - b), twice.length];
      for (const [index, start] of bounds.entries()) {
        let piece: Buffer = Buffer.from(twice.subarray(start, bounds[index + 1] ?? twice.length));
        while (piece.length > 0 && found.length < 2) {
          const one = heads.read(piece, 0, piece.length);
          if (one === undefined) break;
          if (one === "too-large") throw new Error("too large");
          found.push(one.text);
          piece = one.piece.subarray(one.start, one.end);
        }
        if (found.length === 2) rest += piece.toString();
      }
      expect([found, rest]).toEqual([[text, text], "rest"]);
    }),
  );
});

test("a head that is too large is refused before it has ended", () => {
  const heads = new HeadReader(parseRequestHead, 100);
  const piece = Buffer.from(`GET / HTTP/1.1\r\nX: ${"x".repeat(200)}`);
  expect(heads.read(piece, 0, piece.length)).toBe("too-large");
});
