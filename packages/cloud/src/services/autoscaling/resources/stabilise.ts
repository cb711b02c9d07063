import type { AutoScalingGroup } from "@aws-sdk/client-auto-scaling";
import type { Context } from "../../../kernel/context.ts";
import type { Properties, ResourceRequest } from "../../../kernel/resource.ts";
import { durationMs } from "./durations.ts";

/** Whether a new group is what its template wants: `until` when to look again, or why it never will be. */
type Stability =
  | { readonly is: "stable" }
  | { readonly is: "changing"; readonly until: number }
  | { readonly is: "failed"; readonly reason: string };

/** How often to look where no event tells. */
const lookAgainMs = 30_000;

/** Launches that fail one after another before a group is given up. */
const mostFailures = 3;

export async function describeGroup(ctx: Context, name: string): Promise<AutoScalingGroup | undefined> {
  const { AutoScalingGroups: [group] = [] } = await ctx.call.autoscaling.describeAutoScalingGroups({
    AutoScalingGroupNames: [name],
  });
  return group;
}

function inServiceOf({ Instances: instances = [] }: AutoScalingGroup): readonly string[] {
  return instances
    .filter(({ LifecycleState }) => LifecycleState === "InService")
    .map(({ InstanceId = "" }) => InstanceId);
}

/**
 * Whether a group has all its instances in service; failed when one launch after another fails.
 *
 * @param since - failures before that do not count
 */
export async function stabilityOf(ctx: Context, name: string, since: number): Promise<Stability> {
  const group = await describeGroup(ctx, name);
  if (group === undefined) return { is: "failed", reason: `The Auto Scaling group ${name} is gone.` };
  const { MinSize: min, MaxSize: max, DesiredCapacity: desired } = group;
  const inService = inServiceOf(group).length;
  if (inService >= (desired ?? 0)) return { is: "stable" };
  const { Activities = [] } = await ctx.call.autoscaling.describeScalingActivities({ AutoScalingGroupName: name });
  const launches = Activities.filter(
    ({ Description, StartTime }) => Description?.startsWith("Launching") && (StartTime?.getTime() ?? 0) >= since,
  );
  const lastSuccess = launches.findIndex(({ StatusCode }) => StatusCode === "Successful");
  const failed = launches
    .slice(0, lastSuccess < 0 ? undefined : lastSuccess)
    .filter(({ StatusCode }) => StatusCode === "Failed" || StatusCode === "Cancelled");
  if (failed.length >= mostFailures) {
    const reason = `Group did not stabilize. {current/minSize/maxSize group size = ${inService}/${min}/${max}}. Failed Scaling Activity: ${failed[0]?.StatusMessage ?? ""}`;
    return { is: "failed", reason };
  }
  return { is: "changing", until: ctx.now + lookAgainMs };
}

/**
 * Whether as many instances of a new group have signalled as its creation policy demands.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-creationpolicy.html
 */
export function creationSignals(
  { policies, signals }: Pick<ResourceRequest, "policies" | "signals">,
  startedAt: number,
  now: number,
): Stability {
  const policy = policies.CreationPolicy?.["ResourceSignal"] as Properties | undefined;
  if (policy === undefined) return { is: "stable" };
  const count = Number(policy["Count"] ?? 1);
  const own = policies.CreationPolicy?.["AutoScalingCreationPolicy"] as Properties | undefined;
  const percent = Number(own?.["MinSuccessfulInstancesPercent"] ?? 100);
  const all = signals();
  const successes = all.filter(({ status }) => status === "SUCCESS").length;
  const needed = Math.ceil((count * percent) / 100);
  if (successes >= needed) return { is: "stable" };
  const endsAt = startedAt + durationMs(policy["Timeout"], 300_000);
  if (now < endsAt && count - (all.length - successes) >= needed) return { is: "changing", until: endsAt };
  const reason = `Received ${successes} SUCCESS signal(s) out of ${count}.  Unable to satisfy ${percent}% MinSuccessfulInstancesPercent requirement`;
  return { is: "failed", reason };
}
