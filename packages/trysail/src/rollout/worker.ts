import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Clock, Log } from "@trysail/core";
import type { RolloutSystem } from "@trysail/delivery/aws";
import { calmPace, localPace, sdkConfig, type ClientConfig } from "@trysail/delivery";

export interface WorkerOptions {
  /** The region that rollouts and pipelines are in. */
  readonly home: string;
  readonly account: string;
  /** @defaultValue `trysail-rollouts-ACCOUNT-REGION` */
  readonly bucketName?: string | undefined;
  /** Whether the cloud is on this machine, and may be asked often. */
  readonly isLocal: boolean;
  configIn(region: string): ClientConfig;
  readonly clock: Clock;
  readonly log: Log;
}

/** All that rollouts are made of, in this process. The SDK's clients are loaded when it is called. */
export async function openRolloutSystem(options: WorkerOptions): Promise<RolloutSystem> {
  const { home, account, configIn, isLocal, clock, log } = options;
  // The clients say at each start that they want a newer Node; ours are pinned to versions that run on this one.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";
  const [{ rolloutSystem }, { isThere, makeBucket, rolloutBucket }, { S3Client }] = await Promise.all([
    import("@trysail/delivery/aws"),
    import("./bucket.ts"),
    import("@aws-sdk/client-s3"),
  ]);
  const bucket = rolloutBucket(account, home);
  const name = options.bucketName ?? bucket.name;
  return rolloutSystem({
    home,
    bucket: name,
    configIn,
    pace: isLocal ? localPace : calmPace,
    worker: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
    clock,
    log,
    random: Math.random,
    async prepare() {
      const s3 = new S3Client(sdkConfig(configIn(home)));
      try {
        if (!(await isThere(s3, { ...bucket, name }))) await makeBucket(s3, { ...bucket, name });
      } finally {
        s3.destroy();
      }
    },
  });
}
