import type { ScalingActivityStatusCode } from "@aws-sdk/client-auto-scaling";
import type { Millis } from "@trysail/core";

/** Something that was done to a group: an instance launched, terminated, moved. */
export interface Activity {
  readonly id: string;
  readonly order: number;
  readonly group: string;
  readonly groupArn: string;
  readonly kind: ActivityKind;
  readonly instanceId: string | undefined;
  readonly cause: string;
  readonly startedAt: Millis;
  readonly endedAt: Millis | undefined;
  readonly status: ScalingActivityStatusCode;
  readonly statusMessage: string | undefined;
  readonly progress: number;
  readonly zone: string;
  readonly subnet: string | undefined;
}

export type ActivityKind = "launch" | "terminate" | "detach" | "attach" | "enter-standby" | "exit-standby";

/** AWS's description of an activity. */
export function descriptionOf({ kind, instanceId, statusMessage }: Activity): string {
  const reason = statusMessage === undefined ? "" : `.  Status Reason: ${statusMessage}`;
  switch (kind) {
    case "launch":
      return `Launching a new EC2 instance${instanceId === undefined ? "" : `: ${instanceId}`}${reason}`;
    case "terminate":
      return `Terminating EC2 instance: ${instanceId}${reason}`;
    case "detach":
      return `Detaching EC2 instance: ${instanceId}${reason}`;
    case "attach":
      return `Attaching an existing EC2 instance: ${instanceId}${reason}`;
    case "enter-standby":
      return `Moving EC2 instance to Standby: ${instanceId}${reason}`;
    case "exit-standby":
      return `Moving EC2 instance out of Standby: ${instanceId}${reason}`;
    default:
      return kind satisfies never;
  }
}
