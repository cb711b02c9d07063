import type { Context } from "../../../kernel/context.ts";
import { isMadeFor } from "../../../kernel/resource.ts";
import type { Properties, ResourceRequest } from "../../../kernel/resource.ts";

/** Members that are numbers or booleans: a template may write them as texts. All others are texts. */
const numbers = new Set([
  "DurationSeconds",
  "HealthCheckIntervalSeconds",
  "HealthCheckTimeoutSeconds",
  "HealthyThresholdCount",
  "Order",
  "Port",
  "Priority",
  "SessionTimeout",
  "TargetControlPort",
  "UnhealthyThresholdCount",
  "Weight",
]);
const booleans = new Set(["Enabled", "HealthCheckEnabled", "IgnoreClientCertificateExpiry", "UseExistingClientSecret"]);
/** A redirect's port may be `#{port}`. */
const textsWithin = new Set(["RedirectConfig"]);

/** Properties as the members of a request, whose names are the same. */
export function membersOf(value: unknown, name = "", within = ""): unknown {
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return value.map((item) => membersOf(item, name, within));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, own]) => [key, membersOf(own, key, name)]));
  if (numbers.has(name) && !textsWithin.has(within)) return Number(value);
  if (booleans.has(name)) return value === true || value === "true";
  return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
}

interface TagProperty {
  readonly Key: string;
  readonly Value: string;
}

/** The tags of a stack's resource. */
export function tagsFor(request: ResourceRequest, properties: Properties): TagProperty[] {
  return [...request.tags, ...((properties["Tags"] ?? []) as TagProperty[])];
}

/** Makes a resource's tags those of the template. */
export async function updateTags(
  ctx: Context,
  arn: string,
  properties: Properties,
  previous: Properties,
  request: ResourceRequest,
): Promise<void> {
  const tags = tagsFor(request, properties);
  const kept = new Set(tags.map(({ Key }) => Key));
  const before = (previous["Tags"] ?? []) as readonly TagProperty[];
  const gone = before.map(({ Key }) => Key).filter((key) => !kept.has(key));
  if (gone.length > 0) await ctx.call.elasticloadbalancing.removeTags({ ResourceArns: [arn], TagKeys: gone });
  await ctx.call.elasticloadbalancing.addTags({ ResourceArns: [arn], Tags: tags });
}

/** Whether something that is there was made by an attempt of the same step that a crash cut short. */
export async function wasMadeFor(ctx: Context, arn: string, request: ResourceRequest): Promise<boolean> {
  const { TagDescriptions: found = [] } = await ctx.call.elasticloadbalancing.describeTags({ ResourceArns: [arn] });
  return isMadeFor(request, found[0]?.Tags ?? []);
}

interface Attribute {
  readonly Key: string;
  readonly Value: string;
}

/**
 * The attributes to set: those of the template, and the defaults of those that it has no more.
 *
 * @param defaults - as they are told, by key
 */
export function attributeChanges(
  now: unknown,
  before: unknown,
  defaults: Readonly<Record<string, { readonly value: string }>>,
): Attribute[] {
  const given = (membersOf(now ?? []) as Attribute[]).filter(({ Key }) => Key !== undefined);
  const keys = new Set(given.map(({ Key }) => Key));
  const dropped = ((before ?? []) as readonly Attribute[]).flatMap(({ Key }) => {
    const { value } = defaults[Key] ?? {};
    return keys.has(Key) || value === undefined ? [] : [{ Key, Value: value }];
  });
  return [...given, ...dropped];
}

/** What an ARN has behind its kind: `app/web/50dc6c495c0c9188`. */
export function fullNameOf(arn: string, kind: string): string {
  return arn.slice(arn.indexOf(`:${kind}/`) + kind.length + 2);
}
