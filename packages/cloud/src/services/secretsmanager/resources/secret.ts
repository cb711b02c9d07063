import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Properties, ResourceType } from "../../../kernel/resource.ts";

interface GenerateSecretString {
  readonly ExcludeCharacters?: string;
  readonly ExcludeLowercase?: boolean;
  readonly ExcludeNumbers?: boolean;
  readonly ExcludePunctuation?: boolean;
  readonly ExcludeUppercase?: boolean;
  readonly GenerateStringKey?: string;
  readonly IncludeSpace?: boolean;
  readonly PasswordLength?: number;
  readonly RequireEachIncludedType?: boolean;
  readonly SecretStringTemplate?: string;
}

interface SecretProperties {
  readonly Name?: string;
  readonly Description?: string;
  readonly KmsKeyId?: string;
  readonly SecretString?: string;
  readonly GenerateSecretString?: GenerateSecretString;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

async function valueOf(ctx: Context, properties: SecretProperties): Promise<string> {
  const { SecretString: given, GenerateSecretString: generate } = properties;
  if (given !== undefined) return given;
  const { GenerateStringKey: key, SecretStringTemplate: template, ...options } = generate ?? {};
  const { RandomPassword: password = "" } = await ctx.call.secretsmanager.getRandomPassword(options);
  if (key === undefined) return password;
  return JSON.stringify({ ...(JSON.parse(template ?? "{}") as object), [key]: password });
}

const changed = (property: string, now: Properties, before: Properties) =>
  JSON.stringify(now[property]) !== JSON.stringify(before[property]);

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html */
export const secret: ResourceType = {
  properties: ["Name", "Description", "KmsKeyId", "SecretString", "GenerateSecretString", "Tags"],
  replacedBy: ["Name"],

  async create(ctx, properties: SecretProperties, request) {
    const { ARN = "" } = await ctx.call.secretsmanager.createSecret({
      Name: properties.Name ?? request.generatedName(),
      Description: properties.Description,
      KmsKeyId: properties.KmsKeyId,
      SecretString: await valueOf(ctx, properties),
      Tags: [...request.tags, ...(properties.Tags ?? [])],
      ClientRequestToken: request.token,
    });
    return { status: "done", id: ARN, attributes: { Id: ARN } };
  },

  async update(ctx, id, properties: SecretProperties & Properties, previous: SecretProperties & Properties, request) {
    const regenerate =
      changed("SecretString", properties, previous) || changed("GenerateSecretString", properties, previous);
    await ctx.call.secretsmanager.updateSecret({
      SecretId: id,
      Description: properties.Description ?? "",
      KmsKeyId: properties.KmsKeyId,
      ...(regenerate && { SecretString: await valueOf(ctx, properties), ClientRequestToken: request.token }),
    });
    const tags = [...request.tags, ...(properties.Tags ?? [])];
    const gone = (previous.Tags ?? []).map(({ Key }) => Key).filter((key) => !tags.some(({ Key }) => Key === key));
    if (gone.length > 0) await ctx.call.secretsmanager.untagResource({ SecretId: id, TagKeys: gone });
    if (tags.length > 0) await ctx.call.secretsmanager.tagResource({ SecretId: id, Tags: tags });
    return { status: "done", id, attributes: { Id: id } };
  },

  async remove(ctx, id) {
    try {
      await ctx.call.secretsmanager.deleteSecret({ SecretId: id, ForceDeleteWithoutRecovery: true });
    } catch (error) {
      if (!isAwsError(error, "ResourceNotFoundException")) throw error;
    }
    return { status: "done" };
  },
};
