import type { AccountId, Region } from "@trysail/core";
import { expect, test } from "vitest";
import { changeEvents, cloneUrl, parseGitPath } from "./model.ts";
import type { Repository } from "./model.ts";

const place = { account: "111122223333" as AccountId, region: "eu-west-1" as Region };
const repository: Repository = {
  id: "id",
  name: "site",
  description: undefined,
  kmsKeyId: undefined,
  defaultBranch: "main",
  createdAt: 0,
  changedAt: 0,
  tags: {},
};

test("the clone URL leads back to the repository, of the default account and of others", () => {
  for (const account of ["000000000000", place.account] as AccountId[]) {
    const url = new URL(`${cloneUrl({ ...place, account }, "http://127.0.0.1:4566", "site")}/info/refs`);
    expect(parseGitPath(url.pathname)).toEqual({ account, region: "eu-west-1", name: "site", subPath: "info/refs" });
  }
  expect(parseGitPath("/codecommit/eu-west-1/v1/repos/a/b/info/refs")).toBeUndefined();
  expect(parseGitPath("/bucket/key")).toBeUndefined();
});

test("events have AWS's detail; a deleted branch has no commit, other refs no event", () => {
  const principal = { arn: "arn:aws:iam::111122223333:user/ann", userId: "", type: "user" } as const;
  const common = { callerUserArn: principal.arn, repositoryId: "id", repositoryName: "site" };
  const updates = [
    { ref: "refs/heads/a/b", after: "2" },
    { ref: "refs/tags/v1", before: "1", after: "2" },
    { ref: "refs/heads/old", before: "1" },
    { ref: "refs/notes/commits", after: "2" },
  ];
  const branch = { referenceType: "branch", referenceName: "a/b", referenceFullName: "refs/heads/a/b" };
  expect(changeEvents({ ...place, principal }, repository, updates).map(({ detail }) => detail)).toEqual([
    { ...common, ...branch, event: "referenceCreated", commitId: "2" },
    {
      ...common,
      event: "referenceUpdated",
      referenceType: "tag",
      referenceName: "v1",
      referenceFullName: "refs/tags/v1",
      commitId: "2",
      oldCommitId: "1",
    },
    {
      ...common,
      ...branch,
      event: "referenceDeleted",
      referenceName: "old",
      referenceFullName: "refs/heads/old",
      oldCommitId: "1",
    },
  ]);
});
