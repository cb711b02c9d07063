import type { Properties, ResourceType } from "../../../kernel/resource.ts";
import { unlessGone } from "./identity-policies.ts";

interface AccessKeyProperties extends Properties {
  readonly UserName: string;
  readonly Serial?: number;
  readonly Status?: "Active" | "Inactive";
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-accesskey.html */
export const accessKey: ResourceType = {
  properties: ["Serial", "Status", "UserName"],
  required: ["UserName"],
  replacedBy: ["Serial", "UserName"],

  async create(ctx, { UserName, Status = "Active" }: AccessKeyProperties, request) {
    const { AccessKey: key } = await ctx.call.iam.createAccessKey({ UserName });
    const id = key?.AccessKeyId ?? "";
    request.made(id);
    if (Status !== "Active") await ctx.call.iam.updateAccessKey({ UserName, AccessKeyId: id, Status });
    return { status: "done", id, attributes: { SecretAccessKey: key?.SecretAccessKey } };
  },

  async update(ctx, id, { UserName, Status = "Active" }: AccessKeyProperties) {
    await ctx.call.iam.updateAccessKey({ UserName, AccessKeyId: id, Status });
    return { status: "done", id, attributes: {} };
  },

  async remove(ctx, id, { UserName }: AccessKeyProperties) {
    await unlessGone(ctx.call.iam.deleteAccessKey({ UserName, AccessKeyId: id }));
    return { status: "done" };
  },
};
