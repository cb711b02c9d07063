import type { Architecture, LayerVersionContentInput, Runtime } from "@aws-sdk/client-lambda";
import type { Properties, ResourceType } from "../../../kernel/resource.ts";
import { parseLayerArn } from "../names.ts";
import { unlessGone } from "./properties.ts";

interface LayerProperties extends Properties {
  readonly Content: Omit<LayerVersionContentInput, "ZipFile">;
  readonly LayerName?: string;
  readonly Description?: string;
  readonly CompatibleRuntimes?: Runtime[];
  readonly CompatibleArchitectures?: Architecture[];
  readonly LicenseInfo?: string;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-layerversion.html */
export const layerVersion: ResourceType = {
  properties: ["Content", "LayerName", "Description", "CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo"],
  required: ["Content"],

  async create(ctx, properties: LayerProperties & Properties, request) {
    const { LayerVersionArn: id = "" } = await ctx.call.lambda.publishLayerVersion({
      ...properties,
      LayerName: properties.LayerName ?? request.generatedName({ maxLength: 140 }),
    });
    return { status: "done", id, attributes: { LayerVersionArn: id } };
  },

  remove: (ctx, id) => {
    const { name = "", number = 0 } = parseLayerArn(id) ?? {};
    return unlessGone(() => ctx.call.lambda.deleteLayerVersion({ LayerName: name, VersionNumber: number }));
  },
};
