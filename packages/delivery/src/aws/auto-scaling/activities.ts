import type { Activity } from "@aws-sdk/client-auto-scaling";

/** What of an activity tells why a group has too few instances. */
export type ToldActivity = Partial<Pick<Activity, "StatusCode" | "StatusMessage" | "Description" | "Cause">>;

/**
 * Why a group has too few instances, in AWS's words: a launch that failed, or an instance that was found unhealthy.
 *
 * @param activities - the newest first, as AWS tells them
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-view-scaling-activities.html
 */
export function whyFewer(activities: readonly ToldActivity[]): string | undefined {
  return activities.map(reasonOf).find((reason) => reason !== undefined);
}

function reasonOf({ StatusCode, StatusMessage, Description = "", Cause = "" }: ToldActivity): string | undefined {
  // One that never came into service is told as cancelled.
  if (StatusCode === "Failed" || StatusCode === "Cancelled") return StatusMessage;
  const [, id] = /^Terminating EC2 instance: (i-\w+)/.exec(Description) ?? [];
  const [taken] = /taken out of service in response to an? [^.]*health.check[^.]*/.exec(Cause) ?? [];
  return id === undefined || taken === undefined ? undefined : `${id} was ${taken}`;
}
