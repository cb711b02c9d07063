import type { Context } from "../../../kernel/context.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { readTags, tagList, withoutTags } from "../../../kernel/tags.ts";
import { errors } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { arnOf, findRepository, saveRepository, tables } from "../store.ts";
import type { Repository } from "../store.ts";

/** What is told of a repository. Its URI is AWS's: images are not kept here. */
function describe(ctx: Context, repository: Repository) {
  return {
    registryId: ctx.account,
    repositoryName: repository.name,
    repositoryArn: repository.arn,
    repositoryUri: `${ctx.account}.dkr.ecr.${ctx.region}.amazonaws.com/${repository.name}`,
    createdAt: new Date(repository.createdAt),
    imageTagMutability: repository.tagMutability as "MUTABLE",
    imageScanningConfiguration: { scanOnPush: repository.scanOnPush },
    encryptionConfiguration: {
      encryptionType: repository.encryption.encryptionType as "AES256",
      kmsKey: repository.encryption.kmsKey,
    },
  };
}

/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html */
export const createRepository: Handler<Sdk, "createRepository"> = (ctx, input) => {
  const name = input.repositoryName;
  if (
    name.length < 2 ||
    name.length > 256 ||
    !/^(?:[a-z0-9]+(?:[._-]+[a-z0-9]+)*\/)*[a-z0-9]+(?:[._-]+[a-z0-9]+)*$/.test(name)
  ) {
    throw errors.InvalidParameterException(
      `Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression' (${name})`,
    );
  }
  if (ctx.table(tables.repositories).has(name)) {
    throw errors.RepositoryAlreadyExistsException(
      `The repository with name '${name}' already exists in the registry with id '${ctx.account}'`,
    );
  }
  if (input.imageTagMutabilityExclusionFilters !== undefined) {
    throw errors.InvalidParameterException("Trysail keeps no images: leave out imageTagMutabilityExclusionFilters.");
  }
  const repository: Repository = {
    name,
    arn: arnOf(ctx, name),
    createdAt: ctx.now,
    tagMutability: input.imageTagMutability ?? "MUTABLE",
    scanOnPush: input.imageScanningConfiguration?.scanOnPush ?? false,
    encryption: {
      encryptionType: input.encryptionConfiguration?.encryptionType ?? "AES256",
      kmsKey: input.encryptionConfiguration?.kmsKey,
    },
    policy: undefined,
    lifecyclePolicy: undefined,
    tags: readTags(input.tags),
  };
  saveRepository(ctx, repository);
  return { repository: describe(ctx, repository) };
};

/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DeleteRepository.html */
export const deleteRepository: Handler<Sdk, "deleteRepository"> = (ctx, input) => {
  const repository = findRepository(ctx, input);
  ctx.table(tables.repositories).delete(repository.name);
  return { repository: describe(ctx, repository) };
};

/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeRepositories.html */
export const describeRepositories: Handler<Sdk, "describeRepositories"> = (ctx, input) => {
  const all = input.repositoryNames?.map((repositoryName) =>
    findRepository(ctx, { repositoryName, registryId: input.registryId }),
  ) ?? [...ctx.table(tables.repositories).values()];
  const { items, next } = pageOfList(all, input.nextToken, input.maxResults ?? 100, errors.InvalidParameterException);
  return { repositories: items.map((repository) => describe(ctx, repository)), nextToken: next };
};

/** Trysail keeps no images, so there is never one to describe. @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html */
export const describeImages: Handler<Sdk, "describeImages"> = (ctx, input) => {
  const { name } = findRepository(ctx, input);
  const [image] = input.imageIds ?? [];
  if (image === undefined) return { imageDetails: [] };
  const which = `{imageDigest:'${image.imageDigest ?? "null"}', imageTag:'${image.imageTag ?? "null"}'}`;
  throw errors.ImageNotFoundException(
    `The image with imageId ${which} does not exist within the repository with name '${name}' in the registry with id '${ctx.account}'`,
  );
};

/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImages.html */
export const listImages: Handler<Sdk, "listImages"> = (ctx, input) => {
  findRepository(ctx, input);
  return { imageIds: [] };
};

/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageTagMutability.html */
export const putImageTagMutability: Handler<Sdk, "putImageTagMutability"> = (ctx, input) => {
  const repository = { ...findRepository(ctx, input), tagMutability: input.imageTagMutability };
  saveRepository(ctx, repository);
  return { registryId: ctx.account, repositoryName: repository.name, imageTagMutability: input.imageTagMutability };
};

/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageScanningConfiguration.html */
export const putImageScanningConfiguration: Handler<Sdk, "putImageScanningConfiguration"> = (ctx, input) => {
  const { scanOnPush = false } = input.imageScanningConfiguration;
  const repository = { ...findRepository(ctx, input), scanOnPush };
  saveRepository(ctx, repository);
  return { registryId: ctx.account, repositoryName: repository.name, imageScanningConfiguration: { scanOnPush } };
};

function byArn(ctx: Context, arn: string): Repository {
  return findRepository(ctx, { repositoryName: arn.split(":repository/")[1] ?? arn });
}

/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_TagResource.html */
export const tagResource: Handler<Sdk, "tagResource"> = (ctx, input) => {
  const repository = byArn(ctx, input.resourceArn);
  saveRepository(ctx, { ...repository, tags: readTags(input.tags, repository.tags) });
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_UntagResource.html */
export const untagResource: Handler<Sdk, "untagResource"> = (ctx, input) => {
  const repository = byArn(ctx, input.resourceArn);
  saveRepository(ctx, { ...repository, tags: withoutTags(repository.tags, input.tagKeys) });
  return {};
};

/** @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListTagsForResource.html */
export const listTagsForResource: Handler<Sdk, "listTagsForResource"> = (ctx, input) => ({
  tags: tagList(byArn(ctx, input.resourceArn).tags),
});
