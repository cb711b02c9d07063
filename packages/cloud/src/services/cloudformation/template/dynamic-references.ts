import { errors } from "../errors.ts";
import { isList, isMap } from "./value.ts";
import type { Value } from "./value.ts";

/** A value that is kept elsewhere: `{{resolve:ssm:/name:3}}`. */
export interface DynamicReference {
  readonly service: "ssm" | "ssm-secure" | "secretsmanager";
  /** What stands behind the service. */
  readonly path: string;
}

const pattern = /\{\{resolve:(ssm|ssm-secure|secretsmanager):([^{}]+)\}\}/g;

/** The parts of a secret's reference: `id:SecretString:key:stage:version`, where the id may be an ARN. */
export function secretOf(path: string): { readonly id: string; readonly key: string | undefined; readonly stage: string | undefined; readonly version: string | undefined } {
  const parts = path.split(":");
  const id = path.startsWith("arn:") ? parts.splice(0, 7).join(":") : (parts.shift() ?? "");
  const [kind = "SecretString", key, stage, version] = parts;
  if (kind !== "SecretString" && kind !== "") throw errors.ValidationError(`Secrets Manager can give the SecretString only: ${path}`);
  return { id, key: key || undefined, stage: stage || undefined, version: version || undefined };
}

/** Replaces the dynamic references in a value by what `look` gives for them. */
export async function resolveDynamic(value: Value, look: (reference: DynamicReference) => Promise<string>): Promise<Value> {
  if (typeof value === "string") {
    const found = [...value.matchAll(pattern)];
    if (found.length === 0) return value;
    const texts = await Promise.all(found.map(([, service, path = ""]) => look({ service: service as DynamicReference["service"], path })));
    return value.replace(pattern, () => texts.shift() ?? "");
  }
  if (isList(value)) return Promise.all(value.map((item) => resolveDynamic(item, look)));
  if (!isMap(value)) return value;
  const entries = Object.entries(value).map(async ([key, member]): Promise<[string, Value]> => [key, await resolveDynamic(member, look)]);
  return Object.fromEntries(await Promise.all(entries));
}
