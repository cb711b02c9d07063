import type {
  ArchitectureValues,
  BlockDeviceMapping,
  InstanceMetadataOptionsResponse,
  ShutdownBehavior,
} from "@aws-sdk/client-ec2";
import type { Millis } from "@trysail/core";
import type { WorkloadId } from "../../../runtime/workloads.ts";

/** Where an instance is in its life. @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html */
export type InstanceState = "pending" | "running" | "stopping" | "stopped" | "shutting-down" | "terminated";

/** AWS's numbers of the states. @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html */
export const stateCodes: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  "shutting-down": 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export interface InstanceProfile {
  readonly arn: string;
  readonly id: string;
  readonly name: string;
  readonly associationId: string;
  readonly associatedAt: Millis;
}

export interface InstanceRow {
  readonly id: string;
  readonly reservationId: string;
  readonly launchIndex: number;
  readonly clientToken: string | undefined;
  readonly imageId: string;
  readonly architecture: ArchitectureValues;
  readonly instanceType: string;
  readonly zone: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly securityGroupIds: readonly string[];
  readonly keyName: string | undefined;
  readonly profile: InstanceProfile | undefined;
  /** In base64, as it was given. */
  readonly userData: string | undefined;
  readonly metadataOptions: Required<Omit<InstanceMetadataOptionsResponse, "State" | "HttpProtocolIpv6">>;
  readonly shutdownBehavior: ShutdownBehavior;
  readonly disableApiTermination: boolean;
  readonly disableApiStop: boolean;
  readonly sourceDestCheck: boolean;
  readonly ebsOptimized: boolean;
  readonly detailedMonitoring: boolean;
  readonly unlimitedCredits: boolean;
  readonly blockDevices: readonly (BlockDeviceMapping & { readonly volumeId: string })[];
  /** Where it is really reached, and what it is told to be its private and public address. */
  readonly address: string;
  readonly hasPublicAddress: boolean;
  readonly networkInterfaceId: string;
  readonly attachmentId: string;
  readonly macAddress: string;
  readonly createdAt: Millis;
  /** The newest start. */
  readonly launchedAt: Millis;
  readonly state: InstanceState;
  /** Since when it is in that state. */
  readonly since: Millis;
  readonly stateReason: StateReason | undefined;
  /** `User initiated (2026-01-01 00:00:00 GMT)` */
  readonly transitionReason: string;
  /** How long its programs have to end, where it is stopping or shutting down. */
  readonly graceMs: Millis;
  /** Asked for by RebootInstances and not yet done. */
  readonly rebootRequested: boolean;
  /** The port of its metadata service, at its address; undefined until its first boot. */
  readonly metadataPort: number | undefined;
  /** What signs its metadata tokens, in hexadecimal. */
  readonly metadataKey: string;
  /** When the run of its workload began whose end has been dealt with. A workload that ended and began then is old. */
  readonly endedRun: Millis | undefined;
}

export interface StateReason {
  readonly code: string;
  readonly message: string;
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html */
export const stateReasons = {
  userInitiated: {
    code: "Client.UserInitiatedShutdown",
    message: "Client.UserInitiatedShutdown: User initiated shutdown",
  },
  instanceInitiated: {
    code: "Client.InstanceInitiatedShutdown",
    message: "Client.InstanceInitiatedShutdown: Instance initiated shutdown",
  },
} as const satisfies Readonly<Record<string, StateReason>>;

/** How long programs have to end before they are killed. */
export const grace = { terminateMs: 3000, stopMs: 10_000 } as const;

/** `User initiated (2026-01-01 00:00:00 GMT)` */
export function userInitiated(now: Millis): string {
  return `User initiated (${new Date(now).toISOString().slice(0, 19).replace("T", " ")} GMT)`;
}

export function workloadOf(scope: { readonly account: string; readonly region: string }, id: string): WorkloadId {
  return { service: "ec2", account: scope.account, region: scope.region, name: id };
}
