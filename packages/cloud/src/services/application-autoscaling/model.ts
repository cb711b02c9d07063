import type {
  ScalingPolicy as ScalingPolicyShape,
  StepScalingPolicyConfiguration,
  SuspendedState,
  TargetTrackingScalingPolicyConfiguration,
} from "@aws-sdk/client-application-auto-scaling";
import type { Millis } from "@trysail/core";
import type { Tags } from "../../kernel/tags.ts";

/** The one dimension that is scaled here. */
export const dimension = "ecs:service:DesiredCount";

/** An ECS service whose desired count is scaled. */
export interface Target {
  /** `service/default/web` */
  readonly resourceId: string;
  readonly arn: string;
  readonly min: number;
  readonly max: number;
  readonly roleArn: string;
  readonly createdAt: Millis;
  readonly suspended: SuspendedState;
  readonly tags: Tags;
}

export interface Policy {
  readonly name: string;
  readonly resourceId: string;
  readonly arn: string;
  readonly type: NonNullable<ScalingPolicyShape["PolicyType"]>;
  readonly step: StepScalingPolicyConfiguration | undefined;
  readonly tracking: TargetTrackingScalingPolicyConfiguration | undefined;
  /** Tells its alarms from those of other policies. */
  readonly alarmsId: string;
  readonly createdAt: Millis;
  /** Its last scale-out, and the capacity before that. */
  readonly lastOut?: { readonly at: Millis; readonly from: number };
  /** When it last scaled in. */
  readonly lastInAt?: Millis;
}

/** A change of a target's bounds at a time, once or again and again. */
export interface ScheduledAction {
  readonly name: string;
  readonly resourceId: string;
  readonly arn: string;
  readonly schedule: string;
  readonly timeZone: string | undefined;
  readonly startsAt: Millis | undefined;
  readonly endsAt: Millis | undefined;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly createdAt: Millis;
  /** When it is carried out next; undefined if it is over. */
  readonly nextAt: Millis | undefined;
}

export interface Activity {
  readonly id: string;
  readonly resourceId: string;
  readonly description: string;
  readonly cause: string;
  readonly startedAt: Millis;
  readonly endedAt: Millis;
  readonly status: "Successful" | "Failed";
  readonly message: string;
}

/** How long activities are told of. @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DescribeScalingActivities.html */
export const activitiesKeptMs = 42 * 86_400_000;

/** The service that a resource id names: `service/CLUSTER/NAME`. */
export function parseResourceId(
  resourceId: string,
): { readonly cluster: string; readonly service: string } | undefined {
  const found = /^service\/(?<cluster>[^/]+)\/(?<service>[^/]+)$/.exec(resourceId)?.groups;
  return found === undefined ? undefined : { cluster: found["cluster"] ?? "", service: found["service"] ?? "" };
}

/** What a scheduled action makes of a target's bounds, and of a capacity that is outside of them. */
export function boundsAfter(
  { min, max }: Pick<Target, "min" | "max">,
  action: Pick<ScheduledAction, "min" | "max">,
  capacity: number,
): { readonly min: number; readonly max: number; readonly capacity: number; readonly cause: string | undefined } {
  const newMax = action.max ?? Math.max(max, action.min ?? min);
  const newMin = action.min ?? Math.min(min, newMax);
  if (capacity < newMin)
    return { min: newMin, max: newMax, capacity: newMin, cause: `minimum capacity was set to ${newMin}` };
  if (capacity > newMax)
    return { min: newMin, max: newMax, capacity: newMax, cause: `maximum capacity was set to ${newMax}` };
  return { min: newMin, max: newMax, capacity, cause: undefined };
}
