import { TrysailError, messageOf } from "@trysail/core";
import type { RolloutStore } from "@trysail/delivery";
import type { ClientConfig } from "@trysail/delivery";
import { connect } from "../connection.ts";
import { usageError } from "../failure.ts";

/** Which rollouts a command means. */
export interface RolloutsOptions {
  /** The data folder of the Trysail whose they are. */
  readonly data?: string | undefined;
  /** The account that this process's own AWS settings mean, in place of a running Trysail. @defaultValue false */
  readonly aws?: boolean | undefined;
  /** Their home. @defaultValue the running Trysail's first region; with `aws`, the region of those settings */
  readonly region?: string | undefined;
  /** @defaultValue `trysail-rollouts-ACCOUNT-REGION` */
  readonly bucket?: string | undefined;
}

/** Where rollouts are kept, and the way to the cloud that they change. */
export interface Rollouts {
  readonly store: RolloutStore;
  readonly account: string;
  /** The region that they are kept in. */
  readonly home: string;
  readonly bucketName: string;
  /** Whether they are a running Trysail's, which has a worker of its own. */
  readonly isLocal: boolean;
  clientConfigIn(region: string): ClientConfig;
  /** What a further command needs to mean the same ones: ` --aws --region eu-west-1`, or nothing. */
  readonly flags: string;
}

/**
 * @param whenMissing - what to do where no rollout ever was: make their bucket, fail, or go on
 * @param tell - told what is made
 * @throws TrysailError `no-rollouts` (fault: user); `not-running`; `no-credentials` and `no-region` with `aws`
 */
export async function connectRollouts(
  options: RolloutsOptions,
  whenMissing: "make" | "fail" | "ignore" = "fail",
  tell: (text: string) => void = () => {},
): Promise<Rollouts> {
  const cloud = options.aws === true ? await ownAccount(options) : await runningTrysail(options);
  const { account, home, clientConfigIn } = cloud;
  const [{ S3Client }, { jsonBucket, rolloutStore, sdkConfig }, { rolloutBucket, isThere, makeBucket }] =
    await Promise.all([import("@aws-sdk/client-s3"), import("@trysail/delivery"), import("./bucket.ts")]);
  const bucket = { ...rolloutBucket(account, home), ...(options.bucket !== undefined && { name: options.bucket }) };
  const s3 = new S3Client(sdkConfig(clientConfigIn(home)));
  if (whenMissing !== "ignore" && !(await isThere(s3, bucket))) {
    if (whenMissing === "fail") throw noRollouts(cloud);
    await makeBucket(s3, bucket);
    tell(`Made the bucket ${bucket.name} in account ${account}: rollouts are kept in it.`);
  }
  return { ...cloud, bucketName: bucket.name, store: rolloutStore(jsonBucket(s3, bucket.name)) };
}

type Cloud = Omit<Rollouts, "store" | "bucketName">;

async function runningTrysail({ data, region }: RolloutsOptions): Promise<Cloud> {
  const { instance, configIn } = await connect(data);
  const home = region ?? instance.regions[0] ?? "us-east-1";
  const account = await accountOf(configIn(home));
  const flags = [data === undefined ? "" : ` --data ${data}`, region === undefined ? "" : ` --region ${region}`];
  return { account, home, isLocal: true, clientConfigIn: configIn, flags: flags.join("") };
}

async function ownAccount({ data, region }: RolloutsOptions): Promise<Cloud> {
  if (data !== undefined)
    throw usageError("--data means a running Trysail, and --aws does not.", "Leave one of them out.");
  // The clients say at each start that they want a newer Node; ours are pinned to versions that run on this one.
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";
  const clientConfigIn = (of: string) => ({ region: of, maxAttempts: 3 });
  const home = region ?? (await ownRegion());
  const account = await accountOf(clientConfigIn(home));
  return { account, home, isLocal: false, clientConfigIn, flags: ` --aws --region ${home}` };
}

/** As `AWS_REGION` says, or the profile. */
async function ownRegion(): Promise<string> {
  const { STSClient } = await import("@aws-sdk/client-sts");
  const client = new STSClient({});
  try {
    return await client.config.region();
  } catch (error) {
    throw new TrysailError("no-region", "This shell's AWS settings name no region.", {
      fault: "user",
      cause: error,
      next: "Give the one that rollouts are kept in with --region, or set AWS_REGION.",
    });
  } finally {
    client.destroy();
  }
}

/** @throws TrysailError `no-credentials` (fault: user) */
export async function accountOf(config: ClientConfig): Promise<string> {
  const [{ GetCallerIdentityCommand, STSClient }, { sdkConfig }] = await Promise.all([
    import("@aws-sdk/client-sts"),
    import("@trysail/delivery"),
  ]);
  const client = new STSClient(sdkConfig(config));
  try {
    const { Account = "" } = await client.send(new GetCallerIdentityCommand({}));
    return Account;
  } catch (error) {
    if (!(error instanceof Error && /Credentials|Token/.test(error.name))) throw error;
    throw new TrysailError("no-credentials", `AWS does not know who this is: ${messageOf(error)}`, {
      fault: "user",
      cause: error,
      next: "Log in, or set AWS_PROFILE. Without --aws, a command means the running Trysail.",
    });
  } finally {
    client.destroy();
  }
}

const noRollouts = ({ account, home, flags }: Cloud): TrysailError =>
  new TrysailError("no-rollouts", `There are no rollouts in account ${account}, region ${home}.`, {
    fault: "user",
    next: `Start one with: trysail rollout start rollout.yaml --artifact s3://BUCKET/KEY${flags}`,
  });
