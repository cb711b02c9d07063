import { isAwsError } from "../../../kernel/errors.ts";
import { isMadeFor } from "../../../kernel/resource.ts";
import type { Properties, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";

interface ParameterProperties extends Properties {
  readonly Name?: string;
  readonly Type: "String" | "StringList";
  readonly Value: string;
  readonly Description?: string;
  readonly AllowedPattern?: string;
  readonly DataType?: string;
  readonly Tier?: "Standard" | "Advanced" | "Intelligent-Tiering";
  readonly Tags?: Readonly<Record<string, string>>;
}

function inputOf(id: string, properties: ParameterProperties) {
  const { Type, Value, Description, AllowedPattern, DataType, Tier } = properties;
  return { Name: id, Type, Value, Description, AllowedPattern, DataType, Tier };
}

function tagsOf(properties: ParameterProperties, request: ResourceRequest) {
  return [...request.tags, ...Object.entries(properties.Tags ?? {}).map(([Key, Value]) => ({ Key, Value }))];
}

function done(id: string, { Type, Value }: ParameterProperties) {
  return { status: "done", id, attributes: { Type, Value } } as const;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html */
export const parameter: ResourceType = {
  properties: ["Name", "Type", "Value", "Description", "AllowedPattern", "DataType", "Tier", "Tags"],
  tagsAreMap: true,
  required: ["Type", "Value"],
  replacedBy: ["Name"],

  async create(ctx, properties: ParameterProperties & Properties, request) {
    const id = properties.Name ?? request.generatedName();
    try {
      await ctx.call.ssm.putParameter({ ...inputOf(id, properties), Tags: tagsOf(properties, request) });
    } catch (error) {
      if (!isAwsError(error, "ParameterAlreadyExists")) throw error;
      const { TagList = [] } = await ctx.call.ssm.listTagsForResource({ ResourceType: "Parameter", ResourceId: id });
      if (!isMadeFor(request, TagList)) throw error;
    }
    return done(id, properties);
  },

  async update(
    ctx,
    id,
    properties: ParameterProperties & Properties,
    previous: ParameterProperties & Properties,
    request,
  ) {
    await ctx.call.ssm.putParameter({ ...inputOf(id, properties), Overwrite: true });
    const Tags = tagsOf(properties, request);
    const gone = Object.keys(previous.Tags ?? {}).filter((key) => !Tags.some(({ Key }) => Key === key));
    const resource = { ResourceType: "Parameter", ResourceId: id } as const;
    if (gone.length > 0) await ctx.call.ssm.removeTagsFromResource({ ...resource, TagKeys: gone });
    if (Tags.length > 0) await ctx.call.ssm.addTagsToResource({ ...resource, Tags });
    return done(id, properties);
  },

  async remove(ctx, id) {
    try {
      await ctx.call.ssm.deleteParameter({ Name: id });
    } catch (error) {
      if (!isAwsError(error, "ParameterNotFound")) throw error;
    }
    return { status: "done" };
  },
};
