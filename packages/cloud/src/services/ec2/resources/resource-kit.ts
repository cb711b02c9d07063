import type { Tag } from "@aws-sdk/client-ec2";
import type { ResourceType as TaggedType } from "@aws-sdk/client-ec2";
import type { CloudEvent, Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Properties, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";

/**
 * A tag that tells by which attempt of CloudFormation's a resource was made: most of EC2's operations take no token, and
 * one that was cut short by a crash is not to make it twice.
 */
const attemptTag = "aws:cloudformation:attempt";

const listOf = (tags: unknown): readonly Tag[] => (Array.isArray(tags) ? (tags as Tag[]) : []);

/** A type whose resources have tags, as almost all of EC2's have. */
interface TaggedResource<P> extends Pick<ResourceType, "properties" | "required" | "replacedBy"> {
  readonly type: TaggedType;
  /** What their ids begin with. */
  readonly prefix: string;
  make(
    ctx: Context,
    properties: P,
    tagSpecifications: { ResourceType: TaggedType; Tags: Tag[] }[],
    request: ResourceRequest,
  ): Promise<string | undefined>;
  /** Brings what can be changed in line. Also called after it was made. */
  settle?(ctx: Context, id: string, properties: P, previous: P | undefined): Promise<void>;
  attributes(ctx: Context, id: string, properties: P): Promise<Properties> | Properties;
  remove(ctx: Context, id: string, properties: P): Promise<unknown>;
  /** The errors that say that it is gone already. */
  readonly gone: string | readonly string[];
}

/** A CloudFormation type of a kind of resource that has tags. */
export function tagged<P>(given: TaggedResource<P>): ResourceType {
  const { type, prefix } = given;
  const done = async (ctx: Context, id: string, properties: P, previous: P | undefined) => {
    await given.settle?.(ctx, id, properties, previous);
    return { status: "done", id, attributes: await given.attributes(ctx, id, properties) } as const;
  };
  return {
    properties: given.properties,
    ...(given.required !== undefined && { required: given.required }),
    ...(given.replacedBy !== undefined && { replacedBy: given.replacedBy }),

    async create(ctx, properties, request) {
      const Tags = [...request.tags, ...listOf(properties["Tags"]), { Key: attemptTag, Value: request.token }];
      const id =
        (await madeBefore(ctx, prefix, request)) ??
        (await given.make(ctx, properties as P, [{ ResourceType: type, Tags }], request)) ??
        "";
      request.made(id);
      return done(ctx, id, properties as P, undefined);
    },

    async update(ctx, id, properties, previous, request) {
      const Tags = [...request.tags, ...listOf(properties["Tags"])];
      const gone = listOf(previous["Tags"]).filter((tag) => !Tags.some(({ Key }) => Key === tag.Key));
      if (gone.length > 0) await ctx.call.ec2.deleteTags({ Resources: [id], Tags: gone.map(({ Key }) => ({ Key })) });
      await ctx.call.ec2.createTags({ Resources: [id], Tags });
      return done(ctx, id, properties as P, previous as P);
    },

    async remove(ctx, id, properties) {
      await unlessGone(given.gone, () => given.remove(ctx, id, properties as P));
      return { status: "done" };
    },
  };
}

async function madeBefore(ctx: Context, prefix: string, { token }: ResourceRequest): Promise<string | undefined> {
  const { Tags = [] } = await ctx.call.ec2.describeTags({
    Filters: [
      { Name: "key", Values: [attemptTag] },
      { Name: "value", Values: [token] },
    ],
  });
  return Tags.find(({ ResourceId = "" }) => ResourceId.startsWith(`${prefix}-`))?.ResourceId;
}

export async function unlessGone(code: string | readonly string[], work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isAwsError(error, ...[code].flat())) throw error;
  }
}

/** How often instances that are on their way are looked at, beside when they tell of themselves. */
export const lookAgainMs = 5000;

/** Whether an instance tells that its state has changed. */
export function isStateChange({ source, detailType }: CloudEvent): boolean {
  return source === "aws.ec2" && detailType === "EC2 Instance State-change Notification";
}

/** Whether a property has changed. */
export function hasChanged<P>(name: keyof P, now: P, before: P | undefined): boolean {
  return JSON.stringify(now[name]) !== JSON.stringify(before?.[name]);
}
