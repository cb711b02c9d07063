import type { Handler } from "../../../kernel/service.ts";
import { readTags } from "../../../kernel/tags.ts";
import { errors } from "../errors.ts";
import { largestValueBytes, nameFault, versionsKept } from "../model.ts";
import type { ParameterType, ParameterVersion } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { arnOf, findParameter, findVersion, tables, versionsOf } from "../store.ts";

const types: readonly string[] = ["String", "StringList", "SecureString"] satisfies ParameterType[];

function matchesPattern(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern).test(value);
  } catch {
    throw errors.ValidationException(`AllowedPattern is not a regular expression: ${pattern}`);
  }
}

type Tier = ParameterVersion["tier"];

/** A parameter keeps its tier; intelligent tiering picks the one that the value needs. */
function tierFor(asked: string | undefined, before: Tier | undefined, bytes: number): Tier {
  if (asked === "Standard" || asked === "Advanced") return asked;
  if (asked === "Intelligent-Tiering" && bytes > largestValueBytes.Standard) return "Advanced";
  return before ?? "Standard";
}

/** @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */
export const putParameter: Handler<Sdk, "putParameter"> = async (ctx, input) => {
  const { Name: name, Value: value } = input;
  const fault = nameFault(name);
  if (fault !== undefined) throw errors.ValidationException(fault);
  const before = findVersion(ctx, name);
  const type = input.Type ?? before?.type;
  if (type === undefined) throw errors.ValidationException("A parameter type is required when you create a parameter.");
  if (!types.includes(type)) throw errors.UnsupportedParameterType(`The parameter type is not supported: ${type}`);
  if (input.Policies !== undefined && !/^\s*(\[\s*\]|\{\s*\})?\s*$/.test(input.Policies)) {
    throw errors.ValidationException("Trysail does not carry out parameter policies: leave out Policies.");
  }
  const dataType = input.DataType ?? before?.dataType ?? "text";
  if (dataType !== "text" && dataType !== "aws:ec2:image")
    throw errors.ValidationException(`DataType must be text or aws:ec2:image, not ${dataType}.`);

  const bytes = Buffer.byteLength(value);
  const tier = tierFor(input.Tier, before?.tier, bytes);
  if (bytes === 0)
    throw errors.ValidationException(
      "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.",
    );
  if (bytes > largestValueBytes[tier]) {
    throw errors.ValidationException(
      `${tier} tier parameters support a maximum parameter value of ${largestValueBytes[tier]} characters.${tier === "Standard" ? " To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier." : ""}`,
    );
  }
  const allowedPattern = input.AllowedPattern ?? before?.allowedPattern;
  if (allowedPattern !== undefined && allowedPattern !== "" && !matchesPattern(allowedPattern, value)) {
    throw errors.ParameterPatternMismatchException(
      `Parameter value, cannot be validated against allowedPattern: ${allowedPattern}`,
    );
  }

  const keyId = type === "SecureString" ? (input.KeyId ?? before?.keyId ?? "alias/aws/ssm") : undefined;
  const arn = arnOf(ctx, name);
  let stored = value;
  if (keyId !== undefined) {
    const Plaintext = Buffer.from(value);
    const { CiphertextBlob = new Uint8Array() } = await ctx.call.kms.encrypt({
      KeyId: keyId,
      Plaintext,
      EncryptionContext: { PARAMETER_ARN: arn },
    });
    stored = Buffer.from(CiphertextBlob).toString("base64");
  }

  return ctx.transaction(() => {
    // Looked up again: another call may have put the parameter while this one encrypted.
    const existing = findParameter(ctx, name);
    if (existing !== undefined && input.Overwrite !== true) {
      throw errors.ParameterAlreadyExists(
        "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
      );
    }
    const version = (existing?.latest ?? 0) + 1;
    const versions = versionsOf(ctx, name);
    const oldest = versions[0];
    if (oldest !== undefined && versions.length >= versionsKept) {
      if (oldest.labels.length > 0) {
        throw errors.ParameterMaxVersionLimitExceeded(
          `You attempted to create a new version of ${name} by calling the PutParameter API with the overwrite flag. Version ${oldest.version}, the oldest version, can't be deleted because it has a label associated with it.`,
        );
      }
      ctx.table(tables.versions).delete([name, oldest.version]);
    }
    ctx.table(tables.parameters).put(name, { name, latest: version, tags: readTags(input.Tags, existing?.tags) });
    ctx.table(tables.versions).put([name, version], {
      name,
      version,
      type,
      value: stored,
      keyId,
      dataType,
      tier,
      description: input.Description ?? before?.description,
      allowedPattern,
      modifiedAt: ctx.now,
      modifiedBy: ctx.principal.arn,
      labels: [],
    });
    return { Version: version, Tier: tier };
  });
};
