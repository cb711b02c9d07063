import type { Context } from "../../../kernel/context.ts";
import { stringsIn } from "../template/json.ts";
import { dynamicReferences, replaceDynamic } from "../template/dynamic-references.ts";
import type { DynamicReference } from "../template/dynamic-references.ts";
import { TemplateError } from "../template/template-error.ts";

/** Follows references to Parameter Store's plain parameters; those to secrets stay as they are. */
export async function followPlain<T>(ctx: Context, value: T): Promise<T> {
  return follow(ctx, value, ({ service }) => service === "ssm");
}

/** Follows all references. What it gives is for the resource's own service alone, and is never stored. */
export async function followAll<T>(ctx: Context, value: T): Promise<T> {
  return follow(ctx, value, () => true);
}

async function follow<T>(ctx: Context, value: T, wanted: (reference: DynamicReference) => boolean): Promise<T> {
  const references = new Map<string, DynamicReference>();
  for (const text of stringsIn(value))
    for (const reference of dynamicReferences(text)) if (wanted(reference)) references.set(reference.text, reference);
  if (references.size === 0) return value;
  const values = new Map<string, string>();
  for (const [text, reference] of references) values.set(text, await valueOf(ctx, reference));
  return replaceDynamic(value, ({ text }) => values.get(text)) as T;
}

async function valueOf(ctx: Context, reference: DynamicReference): Promise<string> {
  if (reference.service === "secretsmanager") return secretValue(ctx, reference);
  const { name, version, service } = reference;
  const { Parameter: parameter } = await ctx.call.ssm.getParameter({
    Name: version === undefined ? name : `${name}:${version}`,
    WithDecryption: true,
  });
  if (service === "ssm" && parameter?.Type === "SecureString") {
    throw new TemplateError(`SSM Secure reference is not supported in: [${name}]. Use ssm-secure for a SecureString.`);
  }
  return parameter?.Value ?? "";
}

async function secretValue(
  ctx: Context,
  reference: Extract<DynamicReference, { service: "secretsmanager" }>,
): Promise<string> {
  const { secretId, key, stage, versionId, text } = reference;
  const { SecretString: value } = await ctx.call.secretsmanager.getSecretValue({
    SecretId: secretId,
    VersionStage: stage,
    VersionId: versionId,
  });
  if (value === undefined) throw new TemplateError(`The secret of ${text} has no SecretString.`);
  if (key === undefined) return value;
  const members = parseObject(value);
  const member = members !== undefined && Object.hasOwn(members, key) ? members[key] : undefined;
  if (member === undefined)
    throw new TemplateError(`Could not find a value associated with JSONKey in SecretString: ${key}`);
  return typeof member === "string" ? member : JSON.stringify(member);
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
