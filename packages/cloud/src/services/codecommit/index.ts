import { defineService } from "../../kernel/service.ts";
import { announcing } from "./announcing.ts";
import { gitRoute } from "./git-route.ts";
import { createBranch, deleteBranch, getBranch, listBranches, updateDefaultBranch } from "./operations/branches.ts";
import { createCommit, deleteFile, putFile } from "./operations/committing.ts";
import { batchGetCommits, getBlob, getCommit, getDifferences, getFile, getFolder } from "./operations/reading.ts";
import {
  batchGetRepositories,
  createRepository,
  deleteRepository,
  getRepository,
  listRepositories,
  updateRepositoryDescription,
  updateRepositoryName,
} from "./operations/repositories.ts";
import { listTagsForResource, tagResource, untagResource } from "./operations/tags.ts";
import { repository } from "./resources/repository.ts";
import type { Sdk } from "./sdk.ts";
import { tables } from "./store.ts";

export const codecommit = defineService<Sdk>({
  id: "codecommit",
  scope: "regional",
  tables,
  operations: {
    batchGetCommits,
    batchGetRepositories,
    createBranch,
    createCommit,
    createRepository,
    deleteBranch,
    deleteFile,
    deleteRepository,
    getBlob,
    getBranch,
    getCommit,
    getDifferences,
    getFile,
    getFolder,
    getRepository,
    listBranches,
    listRepositories,
    listTagsForResource,
    putFile,
    tagResource,
    untagResource,
    updateDefaultBranch,
    updateRepositoryDescription,
    updateRepositoryName,
  },
  controllers: [announcing],
  routes: [gitRoute],
  resources: { "AWS::CodeCommit::Repository": repository },
});
