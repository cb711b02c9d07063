import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { isMadeFor } from "../../../kernel/resource.ts";
import type { Properties, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";

interface RepositoryProperties extends Properties {
  readonly RepositoryName?: string;
  readonly ImageTagMutability?: "MUTABLE" | "IMMUTABLE";
  readonly ImageScanningConfiguration?: { readonly ScanOnPush?: boolean };
  readonly EncryptionConfiguration?: { readonly EncryptionType: "AES256" | "KMS"; readonly KmsKey?: string };
  readonly LifecyclePolicy?: { readonly LifecyclePolicyText?: string };
  readonly RepositoryPolicyText?: object | string;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

/** Brings what can be changed after creation in line with the properties. */
async function settle(
  ctx: Context,
  repositoryName: string,
  properties: RepositoryProperties,
  request: ResourceRequest,
) {
  const { ecr } = ctx.call;
  await ecr.putImageTagMutability({ repositoryName, imageTagMutability: properties.ImageTagMutability ?? "MUTABLE" });
  await ecr.putImageScanningConfiguration({
    repositoryName,
    imageScanningConfiguration: { scanOnPush: properties.ImageScanningConfiguration?.ScanOnPush ?? false },
  });
  const { LifecyclePolicy: { LifecyclePolicyText: lifecyclePolicyText } = {}, RepositoryPolicyText: policy } =
    properties;
  if (lifecyclePolicyText !== undefined) await ecr.putLifecyclePolicy({ repositoryName, lifecyclePolicyText });
  else await unless("LifecyclePolicyNotFoundException", () => ecr.deleteLifecyclePolicy({ repositoryName }));
  if (policy !== undefined)
    await ecr.setRepositoryPolicy({
      repositoryName,
      policyText: typeof policy === "string" ? policy : JSON.stringify(policy),
    });
  else await unless("RepositoryPolicyNotFoundException", () => ecr.deleteRepositoryPolicy({ repositoryName }));
  const { repositories: [repository] = [] } = await ecr.describeRepositories({ repositoryNames: [repositoryName] });
  const resourceArn = repository?.repositoryArn ?? "";
  await ecr.tagResource({ resourceArn, tags: [...request.tags, ...(properties.Tags ?? [])] });
  return {
    status: "done",
    id: repositoryName,
    attributes: { Arn: resourceArn, RepositoryUri: repository?.repositoryUri },
  } as const;
}

async function unless(code: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isAwsError(error, code)) throw error;
  }
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-repository.html */
export const repository: ResourceType = {
  properties: [
    "RepositoryName",
    "ImageTagMutability",
    "ImageScanningConfiguration",
    "EncryptionConfiguration",
    "LifecyclePolicy",
    "RepositoryPolicyText",
    "EmptyOnDelete",
    "Tags",
  ],
  replacedBy: ["RepositoryName", "EncryptionConfiguration"],

  async create(ctx, properties: RepositoryProperties & Properties, request) {
    const repositoryName = properties.RepositoryName ?? request.generatedName({ lowerCase: true });
    const { EncryptionType: encryptionType, KmsKey: kmsKey } = properties.EncryptionConfiguration ?? {};
    try {
      await ctx.call.ecr.createRepository({
        repositoryName,
        encryptionConfiguration: encryptionType && { encryptionType, kmsKey },
        tags: [...request.tags],
      });
    } catch (error) {
      if (!isAwsError(error, "RepositoryAlreadyExistsException")) throw error;
      const { repositories: [existing] = [] } = await ctx.call.ecr.describeRepositories({
        repositoryNames: [repositoryName],
      });
      const { tags = [] } = await ctx.call.ecr.listTagsForResource({ resourceArn: existing?.repositoryArn ?? "" });
      if (!isMadeFor(request, tags)) throw error;
    }
    return settle(ctx, repositoryName, properties, request);
  },

  update: (ctx, id, properties: RepositoryProperties & Properties, _previous, request) =>
    settle(ctx, id, properties, request),

  async remove(ctx, id) {
    await unless("RepositoryNotFoundException", () => ctx.call.ecr.deleteRepository({ repositoryName: id }));
    return { status: "done" };
  },
};
