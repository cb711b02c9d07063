import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { isMadeFor } from "../../../kernel/resource.ts";
import type { Properties, ResourceType } from "../../../kernel/resource.ts";
import { applyPolicies, dropPolicies, unlessGone } from "./identity-policies.ts";
import { changed, documentText, listChanges } from "./properties.ts";
import type { InlinePolicyProperty, TagProperty } from "./properties.ts";

interface RoleProperties extends Properties {
  readonly RoleName?: string;
  readonly Path?: string;
  readonly AssumeRolePolicyDocument: unknown;
  readonly Description?: string;
  readonly MaxSessionDuration?: number | string;
  readonly PermissionsBoundary?: string;
  readonly ManagedPolicyArns?: readonly string[];
  readonly Policies?: readonly InlinePolicyProperty[];
  readonly Tags?: readonly TagProperty[];
}

const durationOf = ({ MaxSessionDuration: seconds }: RoleProperties) =>
  seconds === undefined ? 3600 : Number(seconds);

async function identityOf(ctx: Context, name: string) {
  const { Role: role } = await ctx.call.iam.getRole({ RoleName: name });
  return { status: "done" as const, id: name, attributes: { Arn: role?.Arn, RoleId: role?.RoleId } };
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html */
export const role: ResourceType = {
  properties: [
    "AssumeRolePolicyDocument",
    "Description",
    "ManagedPolicyArns",
    "MaxSessionDuration",
    "Path",
    "PermissionsBoundary",
    "Policies",
    "RoleName",
    "Tags",
  ],
  required: ["AssumeRolePolicyDocument"],
  replacedBy: ["RoleName", "Path"],

  async create(ctx, properties: RoleProperties, request) {
    const name = properties.RoleName ?? request.generatedName({ maxLength: 64 });
    try {
      await ctx.call.iam.createRole({
        RoleName: name,
        Path: properties.Path,
        AssumeRolePolicyDocument: documentText(properties.AssumeRolePolicyDocument),
        Description: properties.Description,
        MaxSessionDuration: durationOf(properties),
        PermissionsBoundary: properties.PermissionsBoundary,
        Tags: [...request.tags, ...(properties.Tags ?? [])],
      });
    } catch (error) {
      if (!isAwsError(error, "EntityAlreadyExists")) throw error;
      const { Tags: tags = [] } = await ctx.call.iam.listRoleTags({ RoleName: name });
      if (!isMadeFor(request, tags)) throw error;
    }
    request.made(name);
    await applyPolicies(ctx, "role", name, properties);
    return identityOf(ctx, name);
  },

  async update(ctx, id, properties: RoleProperties, previous: RoleProperties, request) {
    const { iam } = ctx.call;
    if (changed("AssumeRolePolicyDocument", properties, previous)) {
      await iam.updateAssumeRolePolicy({
        RoleName: id,
        PolicyDocument: documentText(properties.AssumeRolePolicyDocument),
      });
    }
    await iam.updateRole({
      RoleName: id,
      Description: properties.Description ?? "",
      MaxSessionDuration: durationOf(properties),
    });
    if (properties.PermissionsBoundary !== undefined) {
      await iam.putRolePermissionsBoundary({ RoleName: id, PermissionsBoundary: properties.PermissionsBoundary });
    } else if (previous.PermissionsBoundary !== undefined) {
      await iam.deleteRolePermissionsBoundary({ RoleName: id });
    }
    await applyPolicies(ctx, "role", id, properties, previous);
    const tags = [...request.tags, ...(properties.Tags ?? [])];
    const keys = (list: readonly TagProperty[]) => list.map(({ Key }) => Key);
    const { removed } = listChanges(keys(previous.Tags ?? []), keys(tags));
    if (removed.length > 0) await iam.untagRole({ RoleName: id, TagKeys: removed });
    if (tags.length > 0) await iam.tagRole({ RoleName: id, Tags: tags });
    return identityOf(ctx, id);
  },

  async remove(ctx, id, properties: RoleProperties) {
    await unlessGone(dropPolicies(ctx, "role", id, properties));
    await unlessGone(ctx.call.iam.deleteRole({ RoleName: id }));
    return { status: "done" };
  },
};
