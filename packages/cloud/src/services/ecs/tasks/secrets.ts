import type { Secret } from "@aws-sdk/client-ecs";
import { parseRegion } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { CannotStart } from "./cannot-start.ts";

/** Where a secret's value comes from. */
export type SecretSource =
  | {
      readonly kind: "secret";
      readonly region: string;
      /** The secret's ARN, without what ECS adds to it. */
      readonly arn: string;
      readonly jsonKey: string;
      readonly stage: string;
      readonly version: string;
    }
  | { readonly kind: "parameter"; readonly region: string | undefined; readonly name: string };

/**
 * Reads a `valueFrom`: a secret's ARN with `:json-key:version-stage:version-id` behind it, a parameter's ARN or name.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
 */
export function parseValueFrom(valueFrom: string): SecretSource {
  const secret =
    /^(?<arn>arn:[^:]+:secretsmanager:(?<region>[^:]*):\d+:secret:[^:]+)(:(?<key>[^:]*):(?<stage>[^:]*):(?<version>[^:]*))?$/.exec(
      valueFrom,
    )?.groups;
  if (secret !== undefined) {
    const { arn = "", region = "", key = "", stage = "", version = "" } = secret;
    return { kind: "secret", arn, region, jsonKey: key, stage, version };
  }
  const parameter = /^arn:[^:]+:ssm:(?<region>[^:]*):\d+:parameter(?<name>\/.+)$/.exec(valueFrom)?.groups;
  if (parameter === undefined) return { kind: "parameter", region: undefined, name: valueFrom };
  const { region = "", name = "" } = parameter;
  // `parameter/name` is the parameter called name; one in a hierarchy keeps its first slash.
  return { kind: "parameter", region, name: name.indexOf("/", 1) === -1 ? name.slice(1) : name };
}

const failed = (from: "asm" | "ssm", why: string) =>
  new CannotStart(
    `ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret${from === "ssm" ? "s" : ""} from ${from}: service call has been retried 1 time(s): ${why}`,
  );

async function secretValue(ctx: Context, source: SecretSource & { kind: "secret" }): Promise<string> {
  const { arn, jsonKey, stage, version } = source;
  const region = parseRegion(source.region) ?? ctx.region;
  let text: string;
  try {
    const { SecretString, SecretBinary } = await ctx.as({ region }).call.secretsmanager.getSecretValue({
      SecretId: arn,
      ...(stage !== "" && { VersionStage: stage }),
      ...(version !== "" && { VersionId: version }),
    });
    text = SecretString ?? Buffer.from(SecretBinary ?? new Uint8Array()).toString("base64");
  } catch (error) {
    if (!isAwsError(error)) throw error;
    throw failed("asm", `failed to fetch secret ${arn} from secrets manager: ${error.code}: ${error.message}`);
  }
  if (jsonKey === "") return text;
  let value: unknown;
  try {
    value = (JSON.parse(text) as Record<string, unknown>)[jsonKey];
  } catch {
    throw failed("asm", `retrieved secret ${arn} from Secrets Manager is not valid JSON`);
  }
  if (value === undefined)
    throw failed("asm", `retrieved secret from Secrets Manager did not contain json key ${jsonKey}`);
  return typeof value === "string" ? value : JSON.stringify(value);
}

async function parameterValue(ctx: Context, { region, name }: SecretSource & { kind: "parameter" }): Promise<string> {
  const there = ctx.as({ region: parseRegion(region ?? "") ?? ctx.region });
  try {
    const { Parameter: found } = await there.call.ssm.getParameter({ Name: name, WithDecryption: true });
    return found?.Value ?? "";
  } catch (error) {
    if (!isAwsError(error)) throw error;
    throw failed("ssm", error.code === "ParameterNotFound" ? `invalid parameters: ${name}` : error.message);
  }
}

/** The environment variables that secrets give. @throws CannotStart where one cannot be read */
export async function secretVariables(ctx: Context, secrets: readonly Secret[]): Promise<Record<string, string>> {
  const values = await Promise.all(
    secrets.map(async ({ name = "", valueFrom = "" }): Promise<[string, string]> => {
      const source = parseValueFrom(valueFrom);
      return [name, source.kind === "secret" ? await secretValue(ctx, source) : await parameterValue(ctx, source)];
    }),
  );
  return Object.fromEntries(values);
}
