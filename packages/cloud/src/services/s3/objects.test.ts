import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { ListObjectVersionsCommandOutput } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";

let cloud: TestCloud;
let s3: S3Client;
beforeAll(async () => {
  cloud = await startTestCloud();
  s3 = cloud.client(S3Client);
});
afterAll(() => cloud.stop());

async function newBucket(name: string): Promise<string> {
  await s3.send(new CreateBucketCommand({ Bucket: name }));
  return name;
}
const put = (Bucket: string, Key: string, Body: string | Uint8Array = Key) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body }));
const text = async (Bucket: string, Key: string, more: object = {}) =>
  (await s3.send(new GetObjectCommand({ Bucket, Key, ...more }))).Body?.transformToString();
const md5 = (bytes: Uint8Array | string) => createHash("md5").update(bytes).digest("hex");

describe("buckets", () => {
  it("live in one region, and are reached from any", async () => {
    const ireland = cloud.client(S3Client, { region: "eu-west-1" });
    await ireland.send(new CreateBucketCommand({ Bucket: "irish" }));
    expect(await s3.send(new GetBucketLocationCommand({ Bucket: "irish" }))).toMatchObject({
      LocationConstraint: "eu-west-1",
    });
    expect(await s3.send(new HeadBucketCommand({ Bucket: "irish" }))).toMatchObject({ BucketRegion: "eu-west-1" });
    await put("irish", "key");
    expect(
      await (await ireland.send(new GetObjectCommand({ Bucket: "irish", Key: "key" }))).Body?.transformToString(),
    ).toBe("key");
    expect((await s3.send(new ListBucketsCommand({ Prefix: "iri" }))).Buckets?.map(({ Name }) => Name)).toEqual([
      "irish",
    ]);
  });

  it("have names that no two accounts share", async () => {
    await newBucket("taken");
    const other = cloud.client(S3Client, { credentials: { accessKeyId: "222222222222", secretAccessKey: "test" } });
    await expect(other.send(new CreateBucketCommand({ Bucket: "taken" }))).rejects.toMatchObject({
      name: "BucketAlreadyExists",
    });
    const ireland = cloud.client(S3Client, { region: "eu-west-1" });
    await expect(ireland.send(new CreateBucketCommand({ Bucket: "taken" }))).rejects.toMatchObject({
      name: "BucketAlreadyOwnedByYou",
    });
    await expect(s3.send(new CreateBucketCommand({ Bucket: "taken" }))).resolves.toMatchObject({ Location: "/taken" });
    await expect(s3.send(new CreateBucketCommand({ Bucket: "Not_A_Name" }))).rejects.toMatchObject({
      name: "InvalidBucketName",
    });
    await expect(other.send(new HeadBucketCommand({ Bucket: "taken" }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 403 },
    });
  });

  it("are deleted only when they are empty", async () => {
    const Bucket = await newBucket("full");
    await put(Bucket, "a");
    await expect(s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({
      name: "BucketNotEmpty",
      BucketName: Bucket,
    });
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "a" }));
    await s3.send(new DeleteBucketCommand({ Bucket }));
    await expect(s3.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 404 },
    });
    await expect(put(Bucket, "a")).rejects.toMatchObject({ name: "NoSuchBucket", BucketName: Bucket });
  });
});

describe("an object", () => {
  beforeAll(() => newBucket("objects"));
  const Bucket = "objects";

  it.each([0, 1, 16 * 1024, 16 * 1024 + 1, 64 * 1024 + 1, 3_000_000])(
    "of %i bytes comes back as it was put",
    async (size) => {
      const Body = randomBytes(size);
      const { ETag } = await put(Bucket, `size-${size}`, Body);
      expect(ETag).toBe(`"${md5(Body)}"`);
      const got = await s3.send(new GetObjectCommand({ Bucket, Key: `size-${size}` }));
      expect(got).toMatchObject({
        ContentLength: size,
        ETag,
        ContentType: "application/octet-stream",
        ServerSideEncryption: "AES256",
      });
      expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(Body)).toBe(true);
    },
  );

  it.each(["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const)(
    "sent as a stream with a %s behind it keeps that checksum",
    async (ChecksumAlgorithm) => {
      const body = randomBytes(100_000);
      const pieces = [body.subarray(0, 70_000), body.subarray(70_000)];
      const sent = await s3.send(
        new PutObjectCommand({
          Bucket,
          Key: "streamed",
          Body: Readable.from(pieces),
          ContentLength: body.length,
          ChecksumAlgorithm,
        }),
      );
      const member = `Checksum${ChecksumAlgorithm}` as const;
      expect(sent[member]).toMatch(/^[A-Za-z0-9+/]+=*$/);
      const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "streamed", ChecksumMode: "ENABLED" }));
      expect(head).toMatchObject({ [member]: sent[member], ChecksumType: "FULL_OBJECT", ContentLength: body.length });
      // The client compares what it gets with the checksum.
      const got = await s3.send(new GetObjectCommand({ Bucket, Key: "streamed", ChecksumMode: "ENABLED" }));
      expect(md5((await got.Body?.transformToByteArray()) ?? "")).toBe(md5(body));
    },
  );

  it("that does not hash to what its sender says is refused", async () => {
    const wrong = { Bucket, Key: "wrong", Body: "body" };
    await expect(
      s3.send(new PutObjectCommand({ ...wrong, ContentMD5: Buffer.from(md5("other"), "hex").toString("base64") })),
    ).rejects.toMatchObject({ name: "BadDigest" });
    await expect(s3.send(new PutObjectCommand({ ...wrong, ContentMD5: "short" }))).rejects.toMatchObject({
      name: "InvalidDigest",
    });
    await expect(
      s3.send(new PutObjectCommand({ ...wrong, ChecksumSHA1: "2jmj7l5rSw0yVb/vlWAYkK/YBwk=" })),
    ).rejects.toMatchObject({ name: "BadDigest" });
    await expect(s3.send(new PutObjectCommand({ ...wrong, ChecksumSHA1: "AAAA" }))).rejects.toMatchObject({
      name: "InvalidRequest",
    });
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: "wrong" }))).rejects.toMatchObject({ name: "NotFound" });
  });

  it("keeps headers, metadata and tags", async () => {
    const headers = {
      ContentType: "text/html",
      CacheControl: "max-age=1",
      ContentDisposition: "inline",
      ContentLanguage: "de",
      ContentEncoding: "gzip",
    };
    const given = {
      Metadata: { colour: "blue" },
      StorageClass: "STANDARD_IA" as const,
      WebsiteRedirectLocation: "/elsewhere",
    };
    await s3.send(
      new PutObjectCommand({ Bucket, Key: "dressed", Body: "x", ...headers, ...given, Tagging: "a=1&b=c%20d" }),
    );
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: "dressed" }))).toMatchObject({
      ...headers,
      ...given,
      TagCount: 2,
    });
    const override = await s3.send(new GetObjectCommand({ Bucket, Key: "dressed", ResponseContentType: "text/plain" }));
    expect(override.ContentType).toBe("text/plain");
    await s3.send(
      new PutObjectTaggingCommand({ Bucket, Key: "dressed", Tagging: { TagSet: [{ Key: "only", Value: "one" }] } }),
    );
    expect((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: "dressed" }))).TagSet).toEqual([
      { Key: "only", Value: "one" },
    ]);
  });

  it("is read in part", async () => {
    await put(Bucket, "digits", "0123456789");
    const part = await s3.send(new GetObjectCommand({ Bucket, Key: "digits", Range: "bytes=-3" }));
    expect(part).toMatchObject({ ContentRange: "bytes 7-9/10", ContentLength: 3, $metadata: { httpStatusCode: 206 } });
    expect(await part.Body?.transformToString()).toBe("789");
    await put(Bucket, "large", "x".repeat(200_000) + "end");
    expect(await text(Bucket, "large", { Range: "bytes=199999-200001" })).toBe("xen");
    await expect(text(Bucket, "digits", { Range: "bytes=10-" })).rejects.toMatchObject({
      name: "InvalidRange",
      ActualObjectSize: "10",
    });
  });

  it("is read and written on conditions", async () => {
    const { ETag } = await put(Bucket, "conditional", "1");
    await expect(text(Bucket, "conditional", { IfNoneMatch: ETag })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
    await expect(text(Bucket, "conditional", { IfMatch: '"other"' })).rejects.toMatchObject({
      name: "PreconditionFailed",
      Condition: "If-Match",
    });
    const write = (more: object) => s3.send(new PutObjectCommand({ Bucket, Key: "conditional", Body: "2", ...more }));
    await expect(write({ IfNoneMatch: "*" })).rejects.toMatchObject({
      name: "PreconditionFailed",
      Condition: "If-None-Match",
    });
    await expect(write({ IfMatch: '"other"' })).rejects.toMatchObject({ name: "PreconditionFailed" });
    await write({ IfMatch: ETag });
    expect(await text(Bucket, "conditional")).toBe("2");
    const racing = await Promise.allSettled(
      [1, 2, 3].map((n) => s3.send(new PutObjectCommand({ Bucket, Key: "race", Body: `${n}`, IfNoneMatch: "*" }))),
    );
    expect(racing.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("that is missing is told by its key", async () => {
    await expect(text(Bucket, "missing")).rejects.toMatchObject({
      name: "NoSuchKey",
      Key: "missing",
      message: "The specified key does not exist.",
    });
    await expect(s3.send(new HeadObjectCommand({ Bucket, Key: "missing" }))).rejects.toMatchObject({
      name: "NotFound",
    });
    await expect(put(Bucket, "é".repeat(600))).rejects.toMatchObject({ name: "KeyTooLongError", Size: "1200" });
  });

  it("is copied with its metadata, or without, also into another region", async () => {
    const ireland = cloud.client(S3Client, { region: "eu-west-1" });
    await ireland.send(new CreateBucketCommand({ Bucket: "copies" }));
    const source = {
      Bucket,
      Key: "to copy/ü+1",
      Body: randomBytes(50_000),
      Metadata: { a: "1" },
      ContentType: "text/css",
      Tagging: "t=1",
    };
    const { ETag } = await s3.send(new PutObjectCommand(source));
    const CopySource = encodeURI(`${Bucket}/${source.Key}`).replaceAll("+", "%2B");
    const copied = await ireland.send(new CopyObjectCommand({ Bucket: "copies", Key: "same", CopySource }));
    expect(copied.CopyObjectResult?.ETag).toBe(ETag);
    expect(await s3.send(new HeadObjectCommand({ Bucket: "copies", Key: "same" }))).toMatchObject({
      Metadata: { a: "1" },
      ContentType: "text/css",
      TagCount: 1,
    });
    const replaced = {
      MetadataDirective: "REPLACE" as const,
      Metadata: { b: "2" },
      TaggingDirective: "REPLACE" as const,
    };
    await ireland.send(new CopyObjectCommand({ Bucket: "copies", Key: "other", CopySource, ...replaced }));
    const head = await s3.send(new HeadObjectCommand({ Bucket: "copies", Key: "other" }));
    expect([head.Metadata, head.TagCount]).toEqual([{ b: "2" }, undefined]);
    await expect(s3.send(new CopyObjectCommand({ Bucket, Key: source.Key, CopySource }))).rejects.toMatchObject({
      name: "InvalidRequest",
    });
    await expect(
      s3.send(new CopyObjectCommand({ Bucket, Key: "x", CopySource, CopySourceIfMatch: "nope" })),
    ).rejects.toMatchObject({ name: "PreconditionFailed" });
  });

  it("tells its attributes", async () => {
    await put(Bucket, "attributes", "abc");
    const found = await s3.send(
      new GetObjectAttributesCommand({
        Bucket,
        Key: "attributes",
        ObjectAttributes: ["ETag", "Checksum", "ObjectSize", "StorageClass"],
      }),
    );
    expect(found).toMatchObject({
      ETag: md5("abc"),
      ObjectSize: 3,
      StorageClass: "STANDARD",
      Checksum: { ChecksumCRC32: "NSRBwg==", ChecksumType: "FULL_OBJECT" },
    });
  });

  it("with a customer's key is refused, not stored in the clear", async () => {
    const key = randomBytes(32);
    const secret = {
      SSECustomerAlgorithm: "AES256",
      SSECustomerKey: key.toString("base64"),
      SSECustomerKeyMD5: createHash("md5").update(key).digest("base64"),
    };
    await expect(s3.send(new PutObjectCommand({ Bucket, Key: "secret", Body: "x", ...secret }))).rejects.toMatchObject({
      name: "NotImplemented",
    });
  });
});

describe("listing", () => {
  const Bucket = "listed";
  const keys = ["a b", "a/1", "a/2", "b/1", "c", "é", "日本"];
  beforeAll(async () => {
    await newBucket(Bucket);
    for (const key of keys) await put(Bucket, key);
  });

  it("goes through all keys, page by page, in the order of their bytes", async () => {
    const seen: (string | undefined)[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 2, ContinuationToken }));
      seen.push(...(page.Contents ?? []).map(({ Key }) => Key));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
    expect(seen).toEqual(keys);
  });

  it("shows folders as common prefixes", async () => {
    const page = await s3.send(new ListObjectsV2Command({ Bucket, Delimiter: "/", FetchOwner: true }));
    expect(page.CommonPrefixes).toEqual([{ Prefix: "a/" }, { Prefix: "b/" }]);
    expect(page).toMatchObject({ KeyCount: 6, IsTruncated: false });
    expect(page.Contents?.[0]).toMatchObject({
      Key: "a b",
      Size: 3,
      ETag: `"${md5("a b")}"`,
      Owner: { ID: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    });
    const first = await s3.send(new ListObjectsCommand({ Bucket, Delimiter: "/", MaxKeys: 2, EncodingType: "url" }));
    expect(first).toMatchObject({ NextMarker: "a/", Contents: [{ Key: "a%20b" }], EncodingType: "url" });
    const second = await s3.send(new ListObjectsCommand({ Bucket, Delimiter: "/", Marker: "a/" }));
    expect(second.CommonPrefixes).toEqual([{ Prefix: "b/" }]);
    expect(
      (await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "a/", StartAfter: "a/1" }))).Contents?.map(
        ({ Key }) => Key,
      ),
    ).toEqual(["a/2"]);
  });
});

describe("a bucket with versions", () => {
  const Bucket = "versioned";
  beforeAll(() => newBucket(Bucket));
  const set = (Status: "Enabled" | "Suspended") =>
    s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));

  it("keeps what was overwritten and what was deleted", async () => {
    await put(Bucket, "k", "0");
    await set("Enabled");
    const { VersionId: one } = await put(Bucket, "k", "1");
    const { VersionId: two } = await put(Bucket, "k", "2");
    const { VersionId: marker, DeleteMarker } = await s3.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
    expect(DeleteMarker).toBe(true);
    await expect(text(Bucket, "k")).rejects.toMatchObject({ name: "NoSuchKey" });
    await expect(text(Bucket, "k", { VersionId: marker })).rejects.toMatchObject({ name: "MethodNotAllowed" });
    expect(await Promise.all(["null", one, two].map((VersionId) => text(Bucket, "k", { VersionId })))).toEqual([
      "0",
      "1",
      "2",
    ]);

    const seen: (string | undefined)[] = [];
    let place: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
    while (place !== undefined) {
      const page: ListObjectVersionsCommandOutput = await s3.send(
        new ListObjectVersionsCommand({ Bucket, MaxKeys: 1, ...place }),
      );
      seen.push(
        ...[...(page.DeleteMarkers ?? []), ...(page.Versions ?? [])].map(
          ({ VersionId, IsLatest }) => `${VersionId}${IsLatest ? "*" : ""}`,
        ),
      );
      place =
        page.IsTruncated === true
          ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
          : undefined;
    }
    expect(seen).toEqual([`${marker}*`, two, one, "null"]);

    await s3.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId: marker }));
    expect(await text(Bucket, "k")).toBe("2");
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId: two }));
    expect(await text(Bucket, "k")).toBe("1");
    await expect(s3.send(new DeleteBucketCommand({ Bucket }))).rejects.toMatchObject({ name: "BucketNotEmpty" });
  });

  it("has one null version at most while versioning is suspended", async () => {
    await set("Enabled");
    const { VersionId: kept } = await put(Bucket, "s", "kept");
    await set("Suspended");
    expect((await put(Bucket, "s", "first")).VersionId).toBe("null");
    await put(Bucket, "s", "second");
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "s" }));
    await put(Bucket, "s", "third");
    const { Versions, DeleteMarkers } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: "s" }));
    expect(Versions?.map(({ VersionId }) => VersionId)).toEqual(["null", kept]);
    expect(DeleteMarkers).toBeUndefined();
    expect(await text(Bucket, "s")).toBe("third");
  });

  it("deletes many at once, and tells of each", async () => {
    await set("Enabled");
    await put(Bucket, "m1");
    const { VersionId } = await put(Bucket, "m2");
    const answer = await s3.send(
      new DeleteObjectsCommand({
        Bucket,
        Delete: { Objects: [{ Key: "m1" }, { Key: "m2", VersionId }, { Key: "none", VersionId: "null" }] },
      }),
    );
    expect(answer.Deleted).toEqual([
      { Key: "m1", DeleteMarker: true, DeleteMarkerVersionId: expect.any(String) as string },
      { Key: "m2", VersionId },
      { Key: "none", VersionId: "null" },
    ]);
    const quiet = await s3.send(
      new DeleteObjectsCommand({
        Bucket,
        Delete: { Quiet: true, Objects: [{ Key: "m1" }, { Key: "m1", VersionId: "bad" }] },
      }),
    );
    expect(quiet.Deleted).toBeUndefined();
    expect(quiet.Errors).toMatchObject([{ Key: "m1", Code: "InvalidArgument" }]);
  });
});
