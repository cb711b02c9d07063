import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Properties, ResourceType } from "../../../kernel/resource.ts";
import { applyPolicies, dropPolicies, unlessGone } from "./identity-policies.ts";
import { listChanges, texts } from "./properties.ts";
import type { InlinePolicyProperty } from "./properties.ts";

interface GroupProperties extends Properties {
  readonly GroupName?: string;
  readonly Path?: string;
  readonly ManagedPolicyArns?: readonly string[];
  readonly Policies?: readonly InlinePolicyProperty[];
}

async function identityOf(ctx: Context, name: string) {
  const { Group: group } = await ctx.call.iam.getGroup({ GroupName: name });
  return { status: "done" as const, id: name, attributes: { Arn: group?.Arn } };
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-group.html */
export const group: ResourceType = {
  properties: ["GroupName", "ManagedPolicyArns", "Path", "Policies"],
  replacedBy: ["GroupName"],

  async create(ctx, properties: GroupProperties, request) {
    const name = properties.GroupName ?? request.generatedName({ maxLength: 128 });
    try {
      await ctx.call.iam.createGroup({ GroupName: name, Path: properties.Path });
    } catch (error) {
      // A generated name is this resource's own: it is there because an earlier try was interrupted.
      if (properties.GroupName !== undefined || !isAwsError(error, "EntityAlreadyExists")) throw error;
    }
    request.made(name);
    await applyPolicies(ctx, "group", name, properties);
    return identityOf(ctx, name);
  },

  async update(ctx, id, properties: GroupProperties, previous: GroupProperties) {
    if (properties.Path !== previous.Path)
      await ctx.call.iam.updateGroup({ GroupName: id, NewPath: properties.Path ?? "/" });
    await applyPolicies(ctx, "group", id, properties, previous);
    return identityOf(ctx, id);
  },

  async remove(ctx, id, properties: GroupProperties) {
    await unlessGone(dropPolicies(ctx, "group", id, properties));
    await unlessGone(ctx.call.iam.deleteGroup({ GroupName: id }));
    return { status: "done" };
  },
};

async function setMembers(
  ctx: Context,
  groupName: string,
  now: readonly string[],
  before: readonly string[],
): Promise<void> {
  const { added, removed } = listChanges(before, now);
  for (const UserName of added) await ctx.call.iam.addUserToGroup({ GroupName: groupName, UserName });
  for (const UserName of removed)
    await unlessGone(ctx.call.iam.removeUserFromGroup({ GroupName: groupName, UserName }));
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-usertogroupaddition.html */
export const userToGroupAddition: ResourceType = {
  properties: ["GroupName", "Users"],
  required: ["GroupName", "Users"],
  replacedBy: ["GroupName"],

  async create(ctx, properties, request) {
    const id = request.generatedName({ maxLength: 128 });
    request.made(id);
    await setMembers(ctx, String(properties["GroupName"]), texts(properties["Users"]), []);
    return { status: "done", id, attributes: { Id: id } };
  },

  async update(ctx, id, properties, previous) {
    await setMembers(ctx, String(properties["GroupName"]), texts(properties["Users"]), texts(previous["Users"]));
    return { status: "done", id, attributes: { Id: id } };
  },

  async remove(ctx, _id, properties) {
    await setMembers(ctx, String(properties["GroupName"]), [], texts(properties["Users"]));
    return { status: "done" };
  },
};
