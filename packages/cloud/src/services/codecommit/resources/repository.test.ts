import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ZipFile } from "yazl";
import type { Context } from "../../../kernel/context.ts";
import { openLocalGitRepositories } from "../../../runtime/local-git-repositories.ts";
import type { LocalGitRepositories } from "../../../runtime/local-git-repositories.ts";
import { openBlobs } from "../../../store/file-blobs.ts";
import { resourceRequest, startTestKernel } from "../../../testing/test-kernel.test-kit.ts";
import type { TestKernel } from "../../../testing/test-kernel.test-kit.ts";
import { s3 } from "../../s3/index.ts";
import { codecommit } from "../index.ts";
import { repository } from "./repository.ts";

let kernel: TestKernel;
let git: LocalGitRepositories;
let ctx: Context;
beforeEach(async () => {
  kernel = await startTestKernel([codecommit, s3], async (folder) => ({
    endpoint: "http://127.0.0.1:4566",
    blobs: await openBlobs(join(folder, "blobs")),
    git: (git = await openLocalGitRepositories(join(folder, "git"))),
  }));
  ctx = kernel.context(codecommit);
});
afterEach(async () => {
  await git.close();
  await kernel.stop();
});

async function upload(files: number): Promise<void> {
  const zip = new ZipFile();
  zip.addEmptyDirectory("bin");
  zip.addBuffer(Buffer.from("#!/bin/sh\n"), "bin/build", { mode: 0o100755 });
  for (let index = 1; index < files; index += 1) zip.addBuffer(Buffer.from(`${index}`), `f${index}.txt`);
  zip.end();
  await ctx.call.s3.createBucket({ Bucket: "code" });
  await ctx.call.s3.putObject({
    Bucket: "code",
    Key: "code.zip",
    Body: Readable.from([await buffer(zip.outputStream)]),
  });
}

test("a repository is seeded from an archive, renamed in place, and removed", async () => {
  await upload(101);
  const properties = { RepositoryName: "site", Code: { S3: { Bucket: "code", Key: "code.zip" } } };
  const request = resourceRequest("Repository");
  const created = await repository.create(ctx, properties, request);
  const { repositoryMetadata } = await ctx.call.codecommit.getRepository({ repositoryName: "site" });
  const id = repositoryMetadata?.repositoryId ?? "";
  const CloneUrlHttp = "http://127.0.0.1:4566/codecommit/us-east-1/v1/repos/site";
  const Arn = "arn:aws:codecommit:us-east-1:000000000000:site";
  expect(created).toEqual({ status: "done", id, attributes: { Arn, CloneUrlHttp, KmsKeyId: undefined, Name: "site" } });
  expect(request.madeIds).toEqual([id]);
  expect(repositoryMetadata?.defaultBranch).toBe("main");
  const entries = await git.folder(`codecommit/000000000000/us-east-1/${id}`, "main", "", true);
  expect(entries?.length).toBe(101);
  expect(entries?.[0]).toMatchObject({ path: "bin/build", mode: "100755" });
  // The archive counts once.
  expect(await repository.create(ctx, properties, request)).toEqual(created);
  await expect(repository.create(ctx, properties, resourceRequest("Other"))).rejects.toMatchObject({
    code: "RepositoryNameExistsException",
  });

  const renamed = { ...properties, RepositoryName: "website" };
  expect(await repository.update?.(ctx, id, renamed, properties, request)).toMatchObject({
    id,
    attributes: { Name: "website" },
  });
  await repository.remove(ctx, id, renamed, request);
  expect(await repository.remove(ctx, id, renamed, request)).toEqual({ status: "done" });
  expect(await git.exists(`codecommit/000000000000/us-east-1/${id}`)).toBe(false);
});
