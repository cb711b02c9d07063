import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { ResourceType } from "../../../kernel/resource.ts";
import { unlessGone } from "./identity-policies.ts";
import { texts } from "./properties.ts";

/** Makes `role` the profile's one role. */
async function setRole(ctx: Context, profile: string, role: string | undefined): Promise<void> {
  const { InstanceProfile: found } = await ctx.call.iam.getInstanceProfile({ InstanceProfileName: profile });
  const current = found?.Roles?.[0]?.RoleName;
  if (current === role) return;
  if (current !== undefined)
    await ctx.call.iam.removeRoleFromInstanceProfile({ InstanceProfileName: profile, RoleName: current });
  if (role !== undefined) await ctx.call.iam.addRoleToInstanceProfile({ InstanceProfileName: profile, RoleName: role });
}

async function identityOf(ctx: Context, name: string) {
  const { InstanceProfile: profile } = await ctx.call.iam.getInstanceProfile({ InstanceProfileName: name });
  return { status: "done" as const, id: name, attributes: { Arn: profile?.Arn } };
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-instanceprofile.html */
export const instanceProfile: ResourceType = {
  properties: ["InstanceProfileName", "Path", "Roles"],
  required: ["Roles"],
  replacedBy: ["InstanceProfileName", "Path"],

  async create(ctx, properties, request) {
    const given = properties["InstanceProfileName"];
    const name = typeof given === "string" ? given : request.generatedName({ maxLength: 128 });
    const Path = typeof properties["Path"] === "string" ? properties["Path"] : undefined;
    try {
      await ctx.call.iam.createInstanceProfile({ InstanceProfileName: name, Path });
    } catch (error) {
      // A generated name is this resource's own: it is there because an earlier try was interrupted.
      if (given !== undefined || !isAwsError(error, "EntityAlreadyExists")) throw error;
    }
    request.made(name);
    await setRole(ctx, name, texts(properties["Roles"])[0]);
    return identityOf(ctx, name);
  },

  async update(ctx, id, properties) {
    await setRole(ctx, id, texts(properties["Roles"])[0]);
    return identityOf(ctx, id);
  },

  async remove(ctx, id) {
    await unlessGone(setRole(ctx, id, undefined));
    await unlessGone(ctx.call.iam.deleteInstanceProfile({ InstanceProfileName: id }));
    return { status: "done" };
  },
};
