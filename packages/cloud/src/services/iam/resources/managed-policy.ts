import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Properties, ResourceType } from "../../../kernel/resource.ts";
import { arnOf, maxPolicyVersions } from "../model.ts";
import type { IdentityKind } from "../model.ts";
import { policyCalls, unlessGone } from "./identity-policies.ts";
import { changed, documentText, listChanges, texts } from "./properties.ts";

const bearerProperties: readonly (readonly [string, IdentityKind])[] = [
  ["Users", "user"],
  ["Groups", "group"],
  ["Roles", "role"],
];

async function attachTo(ctx: Context, arn: string, properties: Properties, previous: Properties): Promise<void> {
  for (const [property, kind] of bearerProperties) {
    const { added, removed } = listChanges(texts(previous[property]), texts(properties[property]));
    for (const name of added) await policyCalls(ctx, kind, name).attach(arn);
    for (const name of removed) await policyCalls(ctx, kind, name).detach(arn);
  }
}

async function identityOf(ctx: Context, arn: string) {
  const { Policy: policy } = await ctx.call.iam.getPolicy({ PolicyArn: arn });
  return {
    status: "done" as const,
    id: arn,
    attributes: {
      PolicyArn: arn,
      AttachmentCount: policy?.AttachmentCount,
      CreateDate: policy?.CreateDate?.toISOString(),
      DefaultVersionId: policy?.DefaultVersionId,
      IsAttachable: policy?.IsAttachable,
      PermissionsBoundaryUsageCount: policy?.PermissionsBoundaryUsageCount,
      PolicyId: policy?.PolicyId,
      UpdateDate: policy?.UpdateDate?.toISOString(),
    },
  };
}

/** Makes the document the default version, at the cost of the oldest one where there is no room. */
async function setDocument(ctx: Context, arn: string, document: string): Promise<void> {
  const { iam } = ctx.call;
  const { Versions: versions = [] } = await iam.listPolicyVersions({ PolicyArn: arn });
  if (versions.length >= maxPolicyVersions) {
    const oldest = versions.findLast(({ IsDefaultVersion: isDefault }) => isDefault !== true);
    if (oldest?.VersionId !== undefined) await iam.deletePolicyVersion({ PolicyArn: arn, VersionId: oldest.VersionId });
  }
  await iam.createPolicyVersion({ PolicyArn: arn, PolicyDocument: document, SetAsDefault: true });
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-managedpolicy.html */
export const managedPolicy: ResourceType = {
  properties: ["Description", "Groups", "ManagedPolicyName", "Path", "PolicyDocument", "Roles", "Users"],
  required: ["PolicyDocument"],
  replacedBy: ["Description", "ManagedPolicyName", "Path"],

  async create(ctx, properties, request) {
    const given = properties["ManagedPolicyName"];
    const name = typeof given === "string" ? given : request.generatedName({ maxLength: 128 });
    const path = typeof properties["Path"] === "string" ? properties["Path"] : "/";
    const Description = typeof properties["Description"] === "string" ? properties["Description"] : undefined;
    const arn = arnOf(ctx, "policy", path, name);
    try {
      await ctx.call.iam.createPolicy({
        PolicyName: name,
        Path: path,
        PolicyDocument: documentText(properties["PolicyDocument"]),
        Description,
      });
    } catch (error) {
      // A generated name is this resource's own: it is there because an earlier try was interrupted.
      if (given !== undefined || !isAwsError(error, "EntityAlreadyExists")) throw error;
    }
    request.made(arn);
    await attachTo(ctx, arn, properties, {});
    return identityOf(ctx, arn);
  },

  async update(ctx, arn, properties, previous) {
    if (changed("PolicyDocument", properties, previous))
      await setDocument(ctx, arn, documentText(properties["PolicyDocument"]));
    await attachTo(ctx, arn, properties, previous);
    return identityOf(ctx, arn);
  },

  async remove(ctx, arn, properties) {
    await unlessGone(removePolicy(ctx, arn, properties));
    return { status: "done" };
  },
};

async function removePolicy(ctx: Context, arn: string, properties: Properties): Promise<void> {
  const { iam } = ctx.call;
  await attachTo(ctx, arn, {}, properties);
  const { Versions: versions = [] } = await iam.listPolicyVersions({ PolicyArn: arn });
  for (const { VersionId = "", IsDefaultVersion: isDefault } of versions) {
    if (isDefault !== true) await iam.deletePolicyVersion({ PolicyArn: arn, VersionId });
  }
  await iam.deletePolicy({ PolicyArn: arn });
}
