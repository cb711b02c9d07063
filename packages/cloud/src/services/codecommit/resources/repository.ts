import { buffer } from "node:stream/consumers";
import { Readable } from "node:stream";
import type { RepositoryMetadata } from "@aws-sdk/client-codecommit";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { isMadeFor } from "../../../kernel/resource.ts";
import type { Properties, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";
import { maxFileEntries } from "../model.ts";
import { readZip } from "./zip-files.ts";

interface TagProperty {
  readonly Key: string;
  readonly Value: string;
}

interface RepositoryProperties extends Properties {
  readonly RepositoryName: string;
  readonly RepositoryDescription?: string;
  readonly KmsKeyId?: string;
  readonly Code?: {
    readonly BranchName?: string;
    readonly S3: { readonly Bucket: string; readonly Key: string; readonly ObjectVersion?: string };
  };
  readonly Tags?: readonly TagProperty[];
}

const tagMap = (tags: readonly TagProperty[]) => Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));

function identityOf(metadata: RepositoryMetadata | undefined) {
  const { repositoryId = "", repositoryName, Arn, cloneUrlHttp, kmsKeyId } = metadata ?? {};
  // CloneUrlSsh is missing: SSH is not served.
  return {
    status: "done" as const,
    id: repositoryId,
    attributes: { Arn, CloneUrlHttp: cloneUrlHttp, KmsKeyId: kmsKeyId, Name: repositoryName },
  };
}

async function describe(ctx: Context, name: string): Promise<RepositoryMetadata | undefined> {
  return (await ctx.call.codecommit.getRepository({ repositoryName: name })).repositoryMetadata;
}

async function createOrFind(
  ctx: Context,
  properties: RepositoryProperties,
  request: ResourceRequest,
): Promise<RepositoryMetadata | undefined> {
  try {
    const created = await ctx.call.codecommit.createRepository({
      repositoryName: properties.RepositoryName,
      repositoryDescription: properties.RepositoryDescription,
      kmsKeyId: properties.KmsKeyId,
      tags: tagMap([...request.tags, ...(properties.Tags ?? [])]),
    });
    return created.repositoryMetadata;
  } catch (error) {
    if (!isAwsError(error, "RepositoryNameExistsException")) throw error;
    const found = await describe(ctx, properties.RepositoryName);
    const { tags = {} } = await ctx.call.codecommit.listTagsForResource({ resourceArn: found?.Arn ?? "" });
    const listed = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    if (!isMadeFor(request, listed)) throw error;
    return found;
  }
}

/** Commits the files of an archive, as many in a commit as one may have. */
async function seed(
  ctx: Context,
  repositoryName: string,
  { BranchName: branchName = "main", S3: source }: NonNullable<RepositoryProperties["Code"]>,
) {
  const { Body: body } = await ctx.call.s3.getObject({
    Bucket: source.Bucket,
    Key: source.Key,
    VersionId: source.ObjectVersion,
  });
  const files = await readZip(body instanceof Readable ? await buffer(body) : Buffer.from(body ?? []));
  let parentCommitId: string | undefined;
  for (let start = 0; start < files.length; start += maxFileEntries) {
    const { commitId } = await ctx.call.codecommit.createCommit({
      repositoryName,
      branchName,
      parentCommitId,
      authorName: "AWS CloudFormation",
      commitMessage: "Initial commit",
      putFiles: files.slice(start, start + maxFileEntries).map(({ path, isExecutable, content }) => ({
        filePath: path,
        fileMode: isExecutable ? ("EXECUTABLE" as const) : ("NORMAL" as const),
        fileContent: content,
      })),
    });
    parentCommitId = commitId;
  }
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codecommit-repository.html */
export const repository: ResourceType = {
  // Triggers are refused: they call SNS and Lambda. `Code` counts when the repository is created only, as on AWS.
  properties: ["Code", "KmsKeyId", "RepositoryDescription", "RepositoryName", "Tags"],
  required: ["RepositoryName"],
  replacedBy: ["KmsKeyId"],

  async create(ctx, properties: RepositoryProperties, request) {
    const created = await createOrFind(ctx, properties, request);
    request.made(created?.repositoryId ?? "");
    if (properties.Code !== undefined && created?.defaultBranch === undefined)
      await seed(ctx, properties.RepositoryName, properties.Code);
    return identityOf(created);
  },

  async update(ctx, _id, properties: RepositoryProperties, previous: RepositoryProperties, request) {
    const { codecommit } = ctx.call;
    const { RepositoryName: name } = properties;
    if (name !== previous.RepositoryName) {
      try {
        await codecommit.updateRepositoryName({ oldName: previous.RepositoryName, newName: name });
      } catch (error) {
        // Tried again after it had been done.
        if (!isAwsError(error, "RepositoryDoesNotExistException")) throw error;
      }
    }
    await codecommit.updateRepositoryDescription({
      repositoryName: name,
      repositoryDescription: properties.RepositoryDescription,
    });
    const metadata = await describe(ctx, name);
    const tags = tagMap([...request.tags, ...(properties.Tags ?? [])]);
    const tagKeys = (previous.Tags ?? []).map(({ Key }) => Key).filter((key) => !Object.hasOwn(tags, key));
    const resourceArn = metadata?.Arn ?? "";
    if (tagKeys.length > 0) await codecommit.untagResource({ resourceArn, tagKeys });
    if (Object.keys(tags).length > 0) await codecommit.tagResource({ resourceArn, tags });
    return identityOf(metadata);
  },

  async remove(ctx, _id, properties: RepositoryProperties) {
    await ctx.call.codecommit.deleteRepository({ repositoryName: properties.RepositoryName });
    return { status: "done" };
  },
};
