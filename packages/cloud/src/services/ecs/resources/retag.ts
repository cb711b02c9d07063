import type { Context } from "../../../kernel/context.ts";
import { tagMembers } from "./members.ts";

type Tags = Parameters<typeof tagMembers>[0];

/** Makes a resource's tags the stack's and the template's. */
export async function retag(
  ctx: Context,
  resourceArn: string,
  stack: Tags,
  { Tags: now }: { readonly Tags?: unknown },
  { Tags: before }: { readonly Tags?: unknown },
): Promise<void> {
  const tags = tagMembers(stack, now);
  const gone = tagMembers([], before)
    .map(({ key }) => key)
    .filter((key) => !tags.some((tag) => tag.key === key));
  if (gone.length > 0) await ctx.call.ecs.untagResource({ resourceArn, tagKeys: gone });
  if (tags.length > 0) await ctx.call.ecs.tagResource({ resourceArn, tags });
}
