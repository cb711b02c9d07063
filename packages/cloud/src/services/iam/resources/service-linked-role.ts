import type { Properties, ResourceType } from "../../../kernel/resource.ts";
import { unlessGone } from "./identity-policies.ts";

interface ServiceLinkedRoleProperties extends Properties {
  readonly AWSServiceName: string;
  readonly CustomSuffix?: string;
  readonly Description?: string;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-servicelinkedrole.html */
export const serviceLinkedRole: ResourceType = {
  properties: ["AWSServiceName", "CustomSuffix", "Description"],
  required: ["AWSServiceName"],
  replacedBy: ["AWSServiceName", "CustomSuffix", "Description"],

  async create(ctx, { AWSServiceName, CustomSuffix, Description }: ServiceLinkedRoleProperties) {
    const { Role: role } = await ctx.call.iam.createServiceLinkedRole({ AWSServiceName, CustomSuffix, Description });
    return { status: "done", id: role?.RoleName ?? "", attributes: { RoleName: role?.RoleName } };
  },

  async remove(ctx, id) {
    await unlessGone(ctx.call.iam.deleteServiceLinkedRole({ RoleName: id }));
    return { status: "done" };
  },
};
