import type { Context } from "../../../kernel/context.ts";
import type { Properties, ResourceType } from "../../../kernel/resource.ts";
import type { IdentityKind } from "../model.ts";
import { policyCalls } from "./identity-policies.ts";
import { documentText, listChanges, texts } from "./properties.ts";

/** Whom a policy is given to: `role/deployer`. */
function bearersOf(properties: Properties): readonly string[] {
  return [
    ...texts(properties["Users"]).map((name) => `user/${name}`),
    ...texts(properties["Groups"]).map((name) => `group/${name}`),
    ...texts(properties["Roles"]).map((name) => `role/${name}`),
  ];
}

function callsOf(ctx: Context, bearer: string) {
  const slash = bearer.indexOf("/");
  return policyCalls(ctx, bearer.slice(0, slash) as IdentityKind, bearer.slice(slash + 1));
}

async function putAll(ctx: Context, properties: Properties): Promise<void> {
  const document = documentText(properties["PolicyDocument"]);
  for (const bearer of bearersOf(properties))
    await callsOf(ctx, bearer).put(String(properties["PolicyName"]), document);
}

/** Gives one inline policy to users, groups and roles. @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html */
export const policy: ResourceType = {
  properties: ["Groups", "PolicyDocument", "PolicyName", "Roles", "Users"],
  required: ["PolicyDocument", "PolicyName"],
  replacedBy: ["PolicyName"],

  async create(ctx, properties, request) {
    if (bearersOf(properties).length === 0) {
      return { status: "failed", reason: "At least one of [Groups,Roles,Users] must be non-empty." };
    }
    const id = request.generatedName({ maxLength: 128 });
    request.made(id);
    await putAll(ctx, properties);
    return { status: "done", id, attributes: { Id: id } };
  },

  async update(ctx, id, properties, previous) {
    await putAll(ctx, properties);
    for (const bearer of listChanges(bearersOf(previous), bearersOf(properties)).removed) {
      await callsOf(ctx, bearer).drop(String(previous["PolicyName"]));
    }
    return { status: "done", id, attributes: { Id: id } };
  },

  async remove(ctx, _id, properties) {
    for (const bearer of bearersOf(properties)) await callsOf(ctx, bearer).drop(String(properties["PolicyName"]));
    return { status: "done" };
  },
};

/** An inline policy of one role, user or group: `AWS::IAM::RolePolicy` and its like. */
function policyOf(kind: IdentityKind, nameProperty: string): ResourceType {
  const nameOf = (properties: Properties) => String(properties[nameProperty]);
  const put: ResourceType["create"] = async (ctx, properties) => {
    const policyName = String(properties["PolicyName"]);
    const document = documentText(properties["PolicyDocument"] ?? {});
    await policyCalls(ctx, kind, nameOf(properties)).put(policyName, document);
    return { status: "done", id: `${policyName}|${nameOf(properties)}`, attributes: {} };
  };
  return {
    properties: ["PolicyDocument", "PolicyName", nameProperty],
    required: ["PolicyName", nameProperty],
    replacedBy: ["PolicyName", nameProperty],
    create: put,
    update: (ctx, _id, properties, _previous, request) => put(ctx, properties, request),
    async remove(ctx, _id, properties) {
      await policyCalls(ctx, kind, nameOf(properties)).drop(String(properties["PolicyName"]));
      return { status: "done" };
    },
  };
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-rolepolicy.html */
export const rolePolicy = policyOf("role", "RoleName");

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-userpolicy.html */
export const userPolicy = policyOf("user", "UserName");

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-grouppolicy.html */
export const groupPolicy = policyOf("group", "GroupName");
