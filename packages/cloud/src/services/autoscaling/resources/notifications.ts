import type { Context } from "../../../kernel/context.ts";
import type { GroupProperties } from "./group-properties.ts";

/** Topics, and what each of them is told of. */
function wantedOf({ NotificationConfigurations: given = [] }: GroupProperties): ReadonlyMap<string, readonly string[]> {
  return new Map(
    given.flatMap(({ TopicARN, NotificationTypes = [] }) =>
      [TopicARN].flat().map((topic): [string, readonly string[]] => [topic, NotificationTypes.toSorted()]),
    ),
  );
}

/** What the group has. A topic is tried out each time that it is put, so that what is as wanted is left alone. */
async function currentOf(ctx: Context, name: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>();
  let NextToken: string | undefined;
  do {
    const page = await ctx.call.autoscaling.describeNotificationConfigurations({
      AutoScalingGroupNames: [name],
      NextToken,
    });
    for (const { TopicARN = "", NotificationType = "" } of page.NotificationConfigurations ?? [])
      found.set(TopicARN, [...(found.get(TopicARN) ?? []), NotificationType].toSorted());
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

/** Makes the group tell the template's topics, and those no longer that were in it before. */
export async function changeNotifications(
  ctx: Context,
  name: string,
  properties: GroupProperties,
  previous: GroupProperties = {},
): Promise<void> {
  const wanted = wantedOf(properties);
  const current = await currentOf(ctx, name);
  for (const [TopicARN, types] of wanted)
    if (current.get(TopicARN)?.join() !== types.join())
      await ctx.call.autoscaling.putNotificationConfiguration({
        AutoScalingGroupName: name,
        TopicARN,
        NotificationTypes: [...types],
      });
  for (const TopicARN of wantedOf(previous).keys())
    if (!wanted.has(TopicARN) && current.has(TopicARN))
      await ctx.call.autoscaling.deleteNotificationConfiguration({ AutoScalingGroupName: name, TopicARN });
}
