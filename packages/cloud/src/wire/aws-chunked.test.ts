import { once } from "node:events";
import { PassThrough, Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { setImmediate as nextTurn } from "node:timers/promises";
import { array, assert, asyncProperty, boolean, constant, integer, uint8Array } from "fast-check";
import { expect, it } from "vitest";
import { AwsChunkedDecoder, trailersOf } from "./aws-chunked.ts";

const fault = () => new Error("bad framing");

/** Frames as the SDKs do: unsigned chunks or signed ones, with trailers or without. */
function frame(
  chunks: readonly Uint8Array[],
  signed: boolean,
  trailers: Readonly<Record<string, string>> | undefined,
): Buffer {
  const signature = signed ? `;chunk-signature=${"0123456789abcdef".repeat(4)}` : "";
  const parts: Uint8Array[] = [];
  for (const chunk of chunks.filter((one) => one.length > 0)) {
    parts.push(Buffer.from(`${chunk.length.toString(16)}${signature}\r\n`), chunk, Buffer.from("\r\n"));
  }
  const lines = Object.entries(trailers ?? {}).map(([name, value]) => `${name}:${value}\r\n`);
  parts.push(Buffer.from(`0${signature}\r\n${lines.join("")}\r\n`));
  return Buffer.concat(parts);
}

/** Cuts at the places given. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort(
    (one, other) => one - other,
  );
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
}

function decode(pieces: readonly Buffer[], declaredBytes?: number): AwsChunkedDecoder {
  return new AwsChunkedDecoder(Readable.from(pieces), declaredBytes, fault);
}

it("gives back what was framed, however the network cuts it", () =>
  assert(
    asyncProperty(
      array(uint8Array({ maxLength: 200 }), { maxLength: 5 }),
      boolean(),
      constant({ "X-Amz-Checksum-CRC32": "AAAAAA==", "x-amz-trailer-signature": "ff" }),
      array(integer({ min: 0, max: 2000 }), { maxLength: 12 }),
      async (chunks, signed, trailers, places) => {
        const content = Buffer.concat(chunks);
        const body = decode(cut(frame(chunks, signed, trailers), places), content.length);
        expect(await buffer(body)).toEqual(content);
        expect(trailersOf(body)).toEqual({ "x-amz-checksum-crc32": "AAAAAA==", "x-amz-trailer-signature": "ff" });
      },
    ),
    { numRuns: 200 },
  ));

it("takes a body without trailers, and one without the last empty line", async () => {
  const body = decode([frame([Buffer.from("abc")], true, undefined)]);
  expect((await buffer(body)).toString()).toBe("abc");
  expect(trailersOf(body)).toEqual({});
  expect((await buffer(decode([Buffer.from("3\r\nabc\r\n0\r\n")]))).toString()).toBe("abc");
});

it.each([
  ["ends inside of a chunk", "5\r\nabc", undefined],
  ["ends before the last chunk", "3\r\nabc\r\n", undefined],
  ["has fewer bytes than declared", "3\r\nabc\r\n0\r\n\r\n", 4],
  ["has a size that is not hexadecimal", "3x\r\nabc\r\n0\r\n\r\n", undefined],
  ["has a size beyond any number", `${"f".repeat(20)}\r\nabc`, undefined],
  ["has data beyond a chunk's size", "2\r\nabc\r\n0\r\n\r\n", undefined],
  ["has a header that does not end", "1".repeat(10_000), undefined],
  ["has trailers without end", `0\r\n${`x:${"y".repeat(1000)}\r\n`.repeat(100)}`, undefined],
  ["goes on after its end", "0\r\n\r\nabc\r\n", undefined],
])("refuses a body that %s", async (_, text, declared) => {
  await expect(buffer(decode([Buffer.from(text)], declared))).rejects.toThrow("bad framing");
});

it("tells of no trailers where a body has none", () => {
  expect(trailersOf(Readable.from([]))).toEqual({});
});

it("leaves a body alone that nobody reads, and reads on one whose reader gives up", async () => {
  const unread = new PassThrough();
  const refused = new AwsChunkedDecoder(unread, undefined, fault);
  unread.write("3\r\nabc\r\n");
  await nextTurn();
  expect(unread.readableLength).toBe(8);
  unread.destroy();
  await new Promise((resolve) => refused.once("close", resolve));

  const source = new PassThrough();
  const body = new AwsChunkedDecoder(source, undefined, fault);
  source.write("nonsense\r\n");
  await expect(buffer(body)).rejects.toThrow("bad framing");
  source.end(Buffer.alloc(1_000_000));
  await once(source, "end");
});
