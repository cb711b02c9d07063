import type { Tag } from "@aws-sdk/client-codepipeline";
import type { Context } from "../../../kernel/context.ts";
import type { Properties, ResourceRequest } from "../../../kernel/resource.ts";

/** Members that the API has as numbers, whatever a template has. */
const numbers = new Set(["RunOrder", "TimeoutInMinutes", "MinimumCount", "MaximumCount"]);
const booleans = new Set(["Key", "Queryable", "Required", "Secret"]);

/**
 * A template's value as the API has it: member names in camel case. Configurations keep their keys, and their values
 * are texts; so is everything else that is neither a number nor a boolean for the API.
 */
export function inApiCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inApiCase);
  if (typeof value !== "object" || value === null) return value === undefined ? undefined : textOf(value);
  const entries = Object.entries(value as Record<string, unknown>).map(([key, member]): [string, unknown] => {
    const name = `${key[0]?.toLowerCase() ?? ""}${key.slice(1)}`;
    if (numbers.has(key)) return [name, Number(member)];
    if (booleans.has(key)) return [name, String(member) === "true"];
    if (key === "Configuration") return [name, configurationOf(member)];
    return [name, inApiCase(member)];
  });
  return Object.fromEntries(entries);
}

function configurationOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value as Record<string, unknown>).map(([key, member]) => [key, textOf(member)]),
  );
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The template's tags over the stack's. */
export function tagsOf(properties: Properties, request: ResourceRequest): Tag[] {
  const own = (properties["Tags"] ?? []) as ResourceRequest["tags"];
  const all = new Map([...request.tags, ...own].map(({ Key, Value }) => [Key, Value]));
  return [...all].map(([key, value]) => ({ key, value }));
}

export async function changeTags(
  ctx: Context,
  resourceArn: string,
  now: readonly Tag[],
  before: readonly Tag[],
): Promise<void> {
  const gone = before.flatMap(({ key }) => (key === undefined || now.some((tag) => tag.key === key) ? [] : [key]));
  if (gone.length > 0) await ctx.call.codepipeline.untagResource({ resourceArn, tagKeys: gone });
  if (now.length > 0) await ctx.call.codepipeline.tagResource({ resourceArn, tags: [...now] });
}
