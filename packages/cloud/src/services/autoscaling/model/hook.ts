/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LifecycleHook.html */
export interface Hook {
  readonly name: string;
  readonly group: string;
  readonly transition: HookTransition;
  readonly heartbeatSeconds: number;
  readonly defaultResult: "CONTINUE" | "ABANDON";
  readonly metadata: string | undefined;
  /** Who is told that instances wait for it. */
  readonly topic?: string | undefined;
  readonly roleArn?: string | undefined;
}

export type HookTransition = "autoscaling:EC2_INSTANCE_LAUNCHING" | "autoscaling:EC2_INSTANCE_TERMINATING";

/** The longest that an instance waits: 48 hours, or a hundred heartbeats. */
export function globalTimeoutSeconds({ heartbeatSeconds }: Pick<Hook, "heartbeatSeconds">): number {
  return Math.min(172_800, 100 * heartbeatSeconds);
}
