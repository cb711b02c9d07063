import {
  CodeCommitClient,
  CreateBranchCommand,
  CreateCommitCommand,
  CreateRepositoryCommand,
  DeleteBranchCommand,
  DeleteFileCommand,
  DeleteRepositoryCommand,
  GetBlobCommand,
  GetBranchCommand,
  GetCommitCommand,
  GetDifferencesCommand,
  GetFileCommand,
  GetFolderCommand,
  GetRepositoryCommand,
  ListBranchesCommand,
  ListRepositoriesCommand,
  ListTagsForResourceCommand,
  PutFileCommand,
  UpdateDefaultBranchCommand,
  UpdateRepositoryNameCommand,
} from "@aws-sdk/client-codecommit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gitClient } from "../../testing/git-client.test-kit.ts";
import type { GitClient } from "../../testing/git-client.test-kit.ts";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";

let cloud: TestCloud;
let codecommit: CodeCommitClient;
let work: GitClient;
beforeAll(async () => {
  cloud = await startTestCloud();
  codecommit = cloud.client(CodeCommitClient, { region: "eu-west-1" });
  work = await gitClient();
  await work.write("index.html", "<h1>hello</h1>\n");
  await work.commit("first");
});
afterAll(async () => {
  await work.remove();
  await cloud.stop();
});

async function create(repositoryName: string) {
  const { repositoryMetadata } = await codecommit.send(
    new CreateRepositoryCommand({ repositoryName, tags: { team: "web" } }),
  );
  return repositoryMetadata ?? {};
}
const text = (content: Uint8Array | undefined) => Buffer.from(content ?? []).toString();

describe("a repository", () => {
  test("is pushed to and cloned with git, follows the first branch, and keeps its content when it is renamed", async () => {
    const { cloneUrlHttp = "", Arn = "", repositoryId } = await create("site");
    expect(cloneUrlHttp).toBe(`${cloud.endpoint}/codecommit/eu-west-1/v1/repos/site`);
    expect(Arn).toBe("arn:aws:codecommit:eu-west-1:000000000000:site");
    await work.git("push", "--quiet", cloneUrlHttp, "main:trunk");
    const { repositoryMetadata } = await codecommit.send(new GetRepositoryCommand({ repositoryName: "site" }));
    expect(repositoryMetadata).toMatchObject({ defaultBranch: "trunk", repositoryId });
    expect((await codecommit.send(new ListTagsForResourceCommand({ resourceArn: Arn }))).tags).toEqual({ team: "web" });

    await codecommit.send(new UpdateRepositoryNameCommand({ oldName: "site", newName: "website" }));
    await work.git("clone", "--quiet", cloneUrlHttp.replace(/site$/, "website"), "renamed");
    expect(await work.git("-C", "renamed", "log", "--format=%s")).toBe("first");
    await expect(work.git("ls-remote", cloneUrlHttp)).rejects.toThrow(
      "remote: CodeCommit has no repository site in eu-west-1",
    );
  });

  test("is its region's and its account's", async () => {
    await create("mine");
    const other = cloud.client(CodeCommitClient, {
      region: "eu-west-1",
      credentials: { accessKeyId: "111122223333", secretAccessKey: "test" },
    });
    expect((await other.send(new ListRepositoriesCommand({}))).repositories).toEqual([]);
    const theirs = await other.send(new CreateRepositoryCommand({ repositoryName: "mine" }));
    const url = theirs.repositoryMetadata?.cloneUrlHttp ?? "";
    await work.git("push", "--quiet", url, "main");
    expect(await work.git("ls-remote", url.replace("/111122223333", ""))).toBe("");
    const elsewhere = cloud.client(CodeCommitClient, { region: "us-west-2" });
    await expect(elsewhere.send(new GetRepositoryCommand({ repositoryName: "mine" }))).rejects.toMatchObject({
      name: "RepositoryDoesNotExistException",
      message: "mine does not exist",
    });
  });

  test("is gone when it was deleted, and can be created anew, empty", async () => {
    const { cloneUrlHttp = "" } = await create("passing");
    await expect(create("passing")).rejects.toMatchObject({ name: "RepositoryNameExistsException" });
    await work.git("push", "--quiet", cloneUrlHttp, "main");
    await codecommit.send(new DeleteRepositoryCommand({ repositoryName: "passing" }));
    expect(await codecommit.send(new DeleteRepositoryCommand({ repositoryName: "passing" }))).not.toHaveProperty(
      "repositoryId",
    );
    await create("passing");
    expect(await work.git("ls-remote", cloneUrlHttp)).toBe("");
    await expect(create("no.git")).rejects.toMatchObject({ name: "InvalidRepositoryNameException" });
  });
});

describe("commits made without git", () => {
  const repositoryName = "api";
  let head: string | undefined;
  beforeAll(async () => {
    await create(repositoryName);
    const putFiles = [
      { filePath: "README.md", fileContent: Buffer.from("# one\n") },
      { filePath: "bin/build.sh", fileContent: Buffer.from("#!/bin/sh\n"), fileMode: "EXECUTABLE" as const },
    ];
    const made = await codecommit.send(
      new CreateCommitCommand({
        repositoryName,
        branchName: "main",
        putFiles,
        authorName: "Ann",
        email: "ann@example.com",
        commitMessage: "one",
      }),
    );
    head = made.commitId;
    expect(made.filesAdded?.map(({ absolutePath, fileMode }) => [absolutePath, fileMode])).toEqual([
      ["README.md", "NORMAL"],
      ["bin/build.sh", "EXECUTABLE"],
    ]);
  });

  test("are read back as commits, files, folders, blobs and differences, and by git", async () => {
    const branch = await codecommit.send(new GetBranchCommand({ repositoryName, branchName: "main" }));
    expect(branch.branch?.commitId).toBe(head);
    const { commit } = await codecommit.send(new GetCommitCommand({ repositoryName, commitId: head }));
    const seconds = Math.floor(cloud.clock.now() / 1000);
    expect(commit).toMatchObject({
      message: "one",
      parents: [],
      author: { name: "Ann", email: "ann@example.com", date: `${seconds} +0000` },
    });
    const file = await codecommit.send(new GetFileCommand({ repositoryName, filePath: "bin/build.sh" }));
    expect([file.fileMode, file.fileSize, text(file.fileContent)]).toEqual(["EXECUTABLE", 10, "#!/bin/sh\n"]);
    expect(text((await codecommit.send(new GetBlobCommand({ repositoryName, blobId: file.blobId }))).content)).toBe(
      "#!/bin/sh\n",
    );
    const folder = await codecommit.send(new GetFolderCommand({ repositoryName, folderPath: "" }));
    expect([folder.files?.map((one) => one.absolutePath), folder.subFolders?.map((one) => one.absolutePath)]).toEqual([
      ["README.md"],
      ["bin"],
    ]);
    const inner = await codecommit.send(new GetFolderCommand({ repositoryName, folderPath: "/bin/" }));
    expect(inner.files).toMatchObject([{ absolutePath: "bin/build.sh", relativePath: "build.sh" }]);

    const put = await codecommit.send(
      new PutFileCommand({
        repositoryName,
        branchName: "main",
        parentCommitId: head,
        filePath: "README.md",
        fileContent: Buffer.from("# two\n"),
      }),
    );
    const { differences } = await codecommit.send(
      new GetDifferencesCommand({ repositoryName, beforeCommitSpecifier: head, afterCommitSpecifier: "main" }),
    );
    expect(differences).toMatchObject([
      { changeType: "M", afterBlob: { path: "README.md", mode: "100644", blobId: put.blobId } },
    ]);
    const url = `${cloud.endpoint}/codecommit/eu-west-1/v1/repos/${repositoryName}`;
    await work.git("clone", "--quiet", url, "api");
    expect(await work.git("-C", "api", "log", "--format=%s")).toBe("Edited README.md\none");
    head = put.commitId;
  });

  test("go on from the branch's latest commit only", async () => {
    const { commit } = await codecommit.send(new GetCommitCommand({ repositoryName, commitId: head }));
    const put = (parentCommitId: string | undefined, content = "x", branchName = "main") =>
      codecommit.send(
        new PutFileCommand({
          repositoryName,
          branchName,
          parentCommitId,
          filePath: "f",
          fileContent: Buffer.from(content),
        }),
      );
    await expect(put(undefined)).rejects.toMatchObject({ name: "ParentCommitIdRequiredException" });
    await expect(put(commit?.parents?.[0])).rejects.toMatchObject({ name: "ParentCommitIdOutdatedException" });
    await expect(put("0123456789".repeat(4))).rejects.toMatchObject({ name: "ParentCommitDoesNotExistException" });
    await expect(put(head, "x", "absent")).rejects.toMatchObject({ name: "BranchDoesNotExistException" });
    const first = await put(head);
    await expect(put(first.commitId)).rejects.toMatchObject({ name: "SameFileContentException" });
    // Of two at the same time one wins, and the other is told so.
    const both = await Promise.allSettled([put(first.commitId, "a"), put(first.commitId, "b")]);
    expect(both.map(({ status }) => status).toSorted((x, y) => x.localeCompare(y))).toEqual(["fulfilled", "rejected"]);
    const branch = await codecommit.send(new GetBranchCommand({ repositoryName, branchName: "main" }));
    const removed = await codecommit.send(
      new DeleteFileCommand({
        repositoryName,
        branchName: "main",
        parentCommitId: branch.branch?.commitId,
        filePath: "f",
      }),
    );
    await expect(codecommit.send(new GetFileCommand({ repositoryName, filePath: "f" }))).rejects.toMatchObject({
      name: "FileDoesNotExistException",
    });
    head = removed.commitId;
  });

  test("are on branches that are created, made the default and deleted", async () => {
    const branch = (branchName: string) =>
      codecommit.send(new CreateBranchCommand({ repositoryName, branchName, commitId: head }));
    await branch("dev");
    await expect(branch("dev")).rejects.toMatchObject({ name: "BranchNameExistsException" });
    await expect(branch("a..b")).rejects.toMatchObject({ name: "InvalidBranchNameException" });
    expect((await codecommit.send(new ListBranchesCommand({ repositoryName }))).branches).toEqual(["dev", "main"]);
    await codecommit.send(new UpdateDefaultBranchCommand({ repositoryName, defaultBranchName: "dev" }));
    await expect(codecommit.send(new DeleteBranchCommand({ repositoryName, branchName: "dev" }))).rejects.toMatchObject(
      {
        name: "DefaultBranchCannotBeDeletedException",
      },
    );
    const { deletedBranch } = await codecommit.send(new DeleteBranchCommand({ repositoryName, branchName: "main" }));
    expect(deletedBranch).toEqual({ branchName: "main", commitId: head });
  });
});
