import type { RequestLaunchTemplateData, Tag, TagSpecification } from "@aws-sdk/client-ec2";
import type { Context } from "../../../kernel/context.ts";
import type { Properties, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";
import { hasChanged, unlessGone } from "./resource-kit.ts";

interface TemplateProperties extends Properties {
  readonly LaunchTemplateName?: string;
  readonly LaunchTemplateData: RequestLaunchTemplateData;
  readonly VersionDescription?: string;
  readonly TagSpecifications?: readonly TagSpecification[];
}

function tagsOf({ TagSpecifications }: TemplateProperties, request: ResourceRequest): Tag[] {
  return [...request.tags, ...(TagSpecifications ?? []).flatMap(({ Tags = [] }) => Tags)];
}

async function done(ctx: Context, LaunchTemplateId: string) {
  const { LaunchTemplates: [found] = [] } = await ctx.call.ec2.describeLaunchTemplates({
    LaunchTemplateIds: [LaunchTemplateId],
  });
  const attributes = {
    LaunchTemplateId,
    DefaultVersionNumber: String(found?.DefaultVersionNumber),
    LatestVersionNumber: String(found?.LatestVersionNumber),
  };
  return { status: "done", id: LaunchTemplateId, attributes } as const;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-launchtemplate.html */
export const launchTemplate: ResourceType = {
  properties: ["LaunchTemplateName", "LaunchTemplateData", "VersionDescription", "TagSpecifications"],
  required: ["LaunchTemplateData"],
  replacedBy: ["LaunchTemplateName"],

  async create(ctx, properties: TemplateProperties & Properties, request) {
    const { LaunchTemplate: made } = await ctx.call.ec2.createLaunchTemplate({
      LaunchTemplateName: properties.LaunchTemplateName ?? request.generatedName({ maxLength: 128 }),
      LaunchTemplateData: properties.LaunchTemplateData,
      VersionDescription: properties.VersionDescription,
      ClientToken: request.token,
      TagSpecifications: [{ ResourceType: "launch-template", Tags: tagsOf(properties, request) }],
    });
    return done(ctx, made?.LaunchTemplateId ?? "");
  },

  /** A new version, which is not made the default one. */
  async update(
    ctx,
    LaunchTemplateId,
    now: TemplateProperties & Properties,
    before: TemplateProperties & Properties,
    request,
  ) {
    if (hasChanged("LaunchTemplateData", now, before) || hasChanged("VersionDescription", now, before))
      await ctx.call.ec2.createLaunchTemplateVersion({
        LaunchTemplateId,
        LaunchTemplateData: now.LaunchTemplateData,
        VersionDescription: now.VersionDescription,
        ClientToken: request.token,
      });
    const Tags = tagsOf(now, request);
    const gone = tagsOf(before, request).filter((tag) => !Tags.some(({ Key }) => Key === tag.Key));
    if (gone.length > 0)
      await ctx.call.ec2.deleteTags({ Resources: [LaunchTemplateId], Tags: gone.map(({ Key }) => ({ Key })) });
    await ctx.call.ec2.createTags({ Resources: [LaunchTemplateId], Tags });
    return done(ctx, LaunchTemplateId);
  },

  async remove(ctx, LaunchTemplateId) {
    await unlessGone("InvalidLaunchTemplateId.NotFound", () => ctx.call.ec2.deleteLaunchTemplate({ LaunchTemplateId }));
    return { status: "done" };
  },
};
