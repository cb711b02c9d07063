import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { isMadeFor } from "../../../kernel/resource.ts";
import type { Properties, ResourceType } from "../../../kernel/resource.ts";
import { applyPolicies, dropPolicies, unlessGone } from "./identity-policies.ts";
import { listChanges } from "./properties.ts";
import type { InlinePolicyProperty, TagProperty } from "./properties.ts";

interface UserProperties extends Properties {
  readonly UserName?: string;
  readonly Path?: string;
  readonly Groups?: readonly string[];
  readonly PermissionsBoundary?: string;
  readonly ManagedPolicyArns?: readonly string[];
  readonly Policies?: readonly InlinePolicyProperty[];
  readonly Tags?: readonly TagProperty[];
}

async function identityOf(ctx: Context, name: string) {
  const { User: user } = await ctx.call.iam.getUser({ UserName: name });
  return { status: "done" as const, id: name, attributes: { Arn: user?.Arn } };
}

async function joinGroups(
  ctx: Context,
  name: string,
  now: readonly string[],
  before: readonly string[],
): Promise<void> {
  const { added, removed } = listChanges(before, now);
  for (const GroupName of added) await ctx.call.iam.addUserToGroup({ UserName: name, GroupName });
  for (const GroupName of removed) await unlessGone(ctx.call.iam.removeUserFromGroup({ UserName: name, GroupName }));
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-user.html */
export const user: ResourceType = {
  // LoginProfile is refused: nobody signs in to a console of AWS here.
  properties: ["Groups", "ManagedPolicyArns", "Path", "PermissionsBoundary", "Policies", "Tags", "UserName"],
  replacedBy: ["UserName"],

  async create(ctx, properties: UserProperties, request) {
    const name = properties.UserName ?? request.generatedName({ maxLength: 64 });
    try {
      await ctx.call.iam.createUser({
        UserName: name,
        Path: properties.Path,
        PermissionsBoundary: properties.PermissionsBoundary,
        Tags: [...request.tags, ...(properties.Tags ?? [])],
      });
    } catch (error) {
      if (!isAwsError(error, "EntityAlreadyExists")) throw error;
      const { Tags: tags = [] } = await ctx.call.iam.listUserTags({ UserName: name });
      if (!isMadeFor(request, tags)) throw error;
    }
    request.made(name);
    await joinGroups(ctx, name, properties.Groups ?? [], []);
    await applyPolicies(ctx, "user", name, properties);
    return identityOf(ctx, name);
  },

  async update(ctx, id, properties: UserProperties, previous: UserProperties, request) {
    const { iam } = ctx.call;
    if (properties.Path !== previous.Path) await iam.updateUser({ UserName: id, NewPath: properties.Path ?? "/" });
    if (properties.PermissionsBoundary !== undefined) {
      await iam.putUserPermissionsBoundary({ UserName: id, PermissionsBoundary: properties.PermissionsBoundary });
    } else if (previous.PermissionsBoundary !== undefined) {
      await iam.deleteUserPermissionsBoundary({ UserName: id });
    }
    await joinGroups(ctx, id, properties.Groups ?? [], previous.Groups ?? []);
    await applyPolicies(ctx, "user", id, properties, previous);
    const tags = [...request.tags, ...(properties.Tags ?? [])];
    const keys = (list: readonly TagProperty[]) => list.map(({ Key }) => Key);
    const { removed } = listChanges(keys(previous.Tags ?? []), keys(tags));
    if (removed.length > 0) await iam.untagUser({ UserName: id, TagKeys: removed });
    if (tags.length > 0) await iam.tagUser({ UserName: id, Tags: tags });
    return identityOf(ctx, id);
  },

  async remove(ctx, id, properties: UserProperties) {
    await joinGroups(ctx, id, [], properties.Groups ?? []);
    await unlessGone(dropPolicies(ctx, "user", id, properties));
    await unlessGone(ctx.call.iam.deleteUser({ UserName: id }));
    return { status: "done" };
  },
};
