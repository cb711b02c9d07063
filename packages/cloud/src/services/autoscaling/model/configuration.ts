import type { BlockDeviceMapping, InstanceMetadataOptions } from "@aws-sdk/client-auto-scaling";
import type { Millis } from "@trysail/core";

/** A launch configuration: what there was before launch templates. */
export interface Configuration {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: Millis;
  readonly imageId: string;
  readonly type: string;
  readonly keyName: string | undefined;
  readonly securityGroups: readonly string[];
  /** In base 64, as it was given. */
  readonly userData: string | undefined;
  /** Its name or ARN. */
  readonly instanceProfile: string | undefined;
  readonly metadata: InstanceMetadataOptions | undefined;
  readonly associatePublicIp: boolean | undefined;
  readonly monitoring: boolean;
  readonly blockDevices: readonly BlockDeviceMapping[];
  readonly ebsOptimized: boolean;
}
