import { DetachLoadBalancerTargetGroupsCommand, type AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { isNamed } from "../failures.ts";

/**
 * Takes a group out of target groups, whose other targets stay.
 *
 * What was seen may be old: a group that is out of them already is as it should be.
 */
export async function detachTargetGroups(
  autoScaling: AutoScalingClient,
  group: string,
  targetGroups: readonly string[],
): Promise<void> {
  // AWS refuses to detach what is not attached.
  if (targetGroups.length === 0) return;
  try {
    await autoScaling.send(
      new DetachLoadBalancerTargetGroupsCommand({ AutoScalingGroupName: group, TargetGroupARNs: [...targetGroups] }),
    );
  } catch (error) {
    if (!isOut(error)) throw error;
  }
}

/** Auto Scaling has no error of its own for it. */
const isOut = (error: unknown): boolean =>
  isNamed(error, "ValidationError") && error instanceof Error && /not part of the group/i.test(error.message);
