import { createHash, randomBytes } from "node:crypto";
import { readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import type { CreateMultipartUploadCommandInput, ChecksumAlgorithm } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";

const Bucket = "parts";
const MiB = 1024 ** 2;
const large = randomBytes(5 * MiB);
const small = randomBytes(1000);

let cloud: TestCloud;
let s3: S3Client;
beforeAll(async () => {
  cloud = await startTestCloud();
  s3 = cloud.client(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => cloud.stop());

async function begin(Key: string, more: Partial<CreateMultipartUploadCommandInput> = {}) {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }));
  return { Bucket, Key, UploadId };
}
type Begun = Awaited<ReturnType<typeof begin>>;

async function upload(begun: Begun, PartNumber: number, Body: Uint8Array, algorithm?: ChecksumAlgorithm) {
  const { $metadata: _, ...part } = await s3.send(
    new UploadPartCommand({ ...begun, PartNumber, Body, ChecksumAlgorithm: algorithm }),
  );
  return { PartNumber, ...part };
}
const complete = (
  begun: Begun,
  Parts: readonly { PartNumber: number; ETag?: string | undefined }[],
  more: object = {},
) => s3.send(new CompleteMultipartUploadCommand({ ...begun, MultipartUpload: { Parts: [...Parts] }, ...more }));
const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest();
const read = async (Key: string, more: object = {}) =>
  Buffer.from(
    (await (await s3.send(new GetObjectCommand({ Bucket, Key, ...more }))).Body?.transformToByteArray()) ?? [],
  );

describe("a multipart upload", () => {
  it("becomes one object of its parts, in whatever order they came", async () => {
    const begun = await begin("whole", { ContentType: "video/mp4", Metadata: { m: "1" } });
    const last = await upload(begun, 7, small);
    await upload(begun, 2, small);
    const first = await upload(begun, 2, large);
    const unused = await upload(begun, 5, small);
    expect(
      (await s3.send(new ListPartsCommand({ ...begun, MaxParts: 2 }))).Parts?.map(({ PartNumber, Size }) => [
        PartNumber,
        Size,
      ]),
    ).toEqual([
      [2, large.length],
      [5, small.length],
    ]);
    const { ETag } = await complete(begun, [first, last]);
    expect(ETag).toBe(
      `"${createHash("md5")
        .update(Buffer.concat([md5(large), md5(small)]))
        .digest("hex")}-2"`,
    );
    expect(unused.ETag).toBe(last.ETag);

    const whole = Buffer.concat([large, small]);
    expect((await read("whole")).equals(whole)).toBe(true);
    expect(
      (await read("whole", { Range: `bytes=${large.length - 5}-${large.length + 4}` })).equals(
        whole.subarray(large.length - 5, large.length + 5),
      ),
    ).toBe(true);
    expect((await read("whole", { PartNumber: 2 })).equals(small)).toBe(true);
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "whole", PartNumber: 1 }));
    expect(head).toMatchObject({
      PartsCount: 2,
      ContentLength: large.length,
      ContentType: "video/mp4",
      Metadata: { m: "1" },
    });
    await expect(read("whole", { PartNumber: 3 })).rejects.toMatchObject({ name: "InvalidPartNumber" });
    await expect(complete(begun, [first, last])).rejects.toMatchObject({ name: "NoSuchUpload" });
  });

  it("has a composite checksum, or one of the full object that its parts' give", async () => {
    const composite = await begin("composite", { ChecksumAlgorithm: "SHA256" });
    const parts = [await upload(composite, 1, large, "SHA256"), await upload(composite, 2, small, "SHA256")];
    const done = await complete(composite, parts);
    const digests = parts.map(({ ChecksumSHA256 = "" }) => Buffer.from(ChecksumSHA256, "base64"));
    expect(done).toMatchObject({
      ChecksumType: "COMPOSITE",
      ChecksumSHA256: `${createHash("sha256").update(Buffer.concat(digests)).digest("base64")}-2`,
    });
    const attributes = await s3.send(
      new GetObjectAttributesCommand({ Bucket, Key: "composite", ObjectAttributes: ["ObjectParts"] }),
    );
    expect(attributes.ObjectParts).toMatchObject({
      TotalPartsCount: 2,
      Parts: [{ PartNumber: 1, ChecksumSHA256: parts[0]?.ChecksumSHA256 }, { PartNumber: 2 }],
    });
    await expect(
      s3.send(
        new CreateMultipartUploadCommand({ Bucket, Key: "no", ChecksumAlgorithm: "SHA1", ChecksumType: "FULL_OBJECT" }),
      ),
    ).rejects.toMatchObject({ name: "InvalidRequest" });

    const full = await begin("full", { ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" });
    const fullParts = [await upload(full, 1, large, "CRC32"), await upload(full, 2, small, "CRC32")];
    await s3.send(
      new PutObjectCommand({ Bucket, Key: "at-once", Body: Buffer.concat([large, small]), ChecksumAlgorithm: "CRC32" }),
    );
    const { ChecksumCRC32 } = await s3.send(new HeadObjectCommand({ Bucket, Key: "at-once", ChecksumMode: "ENABLED" }));
    await expect(complete(full, fullParts, { ChecksumCRC32: "AAAAAA==" })).rejects.toMatchObject({ name: "BadDigest" });
    expect(await complete(full, fullParts, { ChecksumCRC32 })).toMatchObject({
      ChecksumType: "FULL_OBJECT",
      ChecksumCRC32,
    });
  });

  it("copies parts of other objects", async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: "source", Body: large }));
    const begun = await begin("copied");
    const copy = async (PartNumber: number, CopySourceRange?: string) => {
      const { CopyPartResult } = await s3.send(
        new UploadPartCopyCommand({ ...begun, PartNumber, CopySource: `${Bucket}/source`, CopySourceRange }),
      );
      return { PartNumber, ETag: CopyPartResult?.ETag };
    };
    const parts = [await copy(1), await copy(2, "bytes=10-19")];
    await expect(copy(3, `bytes=0-${large.length}`)).rejects.toMatchObject({ name: "InvalidArgument" });
    await complete(begun, parts);
    expect((await read("copied")).equals(Buffer.concat([large, large.subarray(10, 20)]))).toBe(true);
  });

  it("is refused with wrong, unordered or too small parts, and goes on", async () => {
    const begun = await begin("checked");
    const [a, b] = [await upload(begun, 1, small), await upload(begun, 2, small)];
    await expect(complete(begun, [a, { PartNumber: 2, ETag: '"wrong"' }])).rejects.toMatchObject({
      name: "InvalidPart",
      PartNumber: "2",
    });
    await expect(complete(begun, [b, a])).rejects.toMatchObject({ name: "InvalidPartOrder" });
    await expect(complete(begun, [a, b])).rejects.toMatchObject({
      name: "EntityTooSmall",
      PartNumber: "1",
      MinSizeAllowed: "5242880",
    });
    await expect(complete(begun, [])).rejects.toMatchObject({ name: "MalformedXML" });
    await expect(complete(begun, [b], { IfMatch: '"x"' })).rejects.toMatchObject({ name: "NoSuchKey" });
    await expect(upload(begun, 10_001, small)).rejects.toMatchObject({ name: "InvalidArgument" });
    await complete(begun, [b]);
    expect((await read("checked")).equals(small)).toBe(true);
  });

  it("is listed until it is aborted", async () => {
    const [one, two] = [await begin("list/1"), await begin("list/2")];
    const listed = async (more: object) =>
      (await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: "list/", ...more }))).Uploads?.map(
        ({ Key }) => Key,
      );
    expect(await listed({})).toEqual(["list/1", "list/2"]);
    expect(await listed({ KeyMarker: "list/1" })).toEqual(["list/2"]);
    await s3.send(new AbortMultipartUploadCommand(one));
    expect(await listed({})).toEqual(["list/2"]);
    await expect(upload(one, 1, small)).rejects.toMatchObject({ name: "NoSuchUpload" });
    await s3.send(new AbortMultipartUploadCommand(two));
  });
});

describe("the files of large bodies", () => {
  const files = async () =>
    (await readdir(join(cloud.dataFolder, "blobs"), { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    ).length;

  it("go a while after their objects, and none is left of uploads that failed", async () => {
    await cloud.clock.advance({ minutes: 2 });
    await cloud.idle();
    const before = await files();
    await s3.send(new PutObjectCommand({ Bucket, Key: "doomed", Body: large }));
    const ContentMD5 = md5(small).toString("base64");
    await expect(
      s3.send(new PutObjectCommand({ Bucket, Key: "refused", Body: large, ContentMD5 })),
    ).rejects.toMatchObject({ name: "BadDigest" });
    const aborted = await begin("aborted");
    await upload(aborted, 1, large);
    expect(await files()).toBe(before + 2);
    await s3.send(new AbortMultipartUploadCommand(aborted));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "doomed" }));
    await cloud.clock.advance({ minutes: 2 });
    expect(await files()).toBe(before);
  });

  it("go when the client goes away in the middle of an upload", async () => {
    const before = await files();
    const leaving = new AbortController();
    const body = new Readable({ read() {} });
    body.push(large.subarray(0, 200_000));
    const sent = s3.send(new PutObjectCommand({ Bucket, Key: "cut", Body: body, ContentLength: large.length }), {
      abortSignal: leaving.signal,
    });
    const outcome = expect(sent).rejects.toThrow();
    while ((await files()) === before) await s3.send(new HeadBucketCommand({ Bucket }));
    leaving.abort();
    await outcome;
    while ((await files()) > before) await s3.send(new HeadBucketCommand({ Bucket }));
    await expect(read("cut")).rejects.toMatchObject({ name: "NoSuchKey" });
  });

  it("survive a restart, and only those that an object names", async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: "kept", Body: large }));
    const folder = join(cloud.dataFolder, "blobs", "00");
    const orphan = join(folder, "0".repeat(32));
    await writeFile(orphan, "left by an upload that was cut short");
    await utimes(orphan, 0, 0);
    await cloud.restart();
    // The sweep runs beside the rest; stopping waits for it.
    await cloud.restart();
    s3 = cloud.client(S3Client);
    expect(await readdir(folder)).not.toContain("0".repeat(32));
    expect((await read("kept")).equals(large)).toBe(true);
    expect((await read("whole")).length).toBe(large.length + small.length);
  });
});
