import {
  CreateBucketCommand,
  HeadBucketCommand,
  PutBucketTaggingCommand,
  PutPublicAccessBlockCommand,
  waitUntilBucketExists,
} from "@aws-sdk/client-s3";
import type { BucketLocationConstraint, S3Client } from "@aws-sdk/client-s3";
import { TrysailError } from "@trysail/core";
import { statusOf } from "./status-of.ts";

/** The bucket in which an account's rollouts are kept. */
export interface RolloutBucket {
  readonly name: string;
  readonly account: string;
  /** The region that it is in. */
  readonly home: string;
}

export const rolloutBucket = (account: string, home: string): RolloutBucket => ({
  name: `trysail-rollouts-${account}-${home}`,
  account,
  home,
});

const longestCreationSeconds = 60;

/**
 * Whether it is there.
 *
 * @throws TrysailError `bucket-refused` (fault: user) if it is, and is not the account's or may not be looked at
 */
export async function isThere(s3: S3Client, { name, account }: RolloutBucket): Promise<boolean> {
  try {
    // Anybody may have made a bucket of a name that can be foreseen: what is in it would be believed.
    await s3.send(new HeadBucketCommand({ Bucket: name, ExpectedBucketOwner: account }));
    return true;
  } catch (error) {
    const status = statusOf(error);
    if (status === 404) return false;
    if (status !== 403) throw error;
    throw new TrysailError("bucket-refused", `The bucket ${name}, in which rollouts are kept, may not be used.`, {
      fault: "user",
      cause: error,
      next: `It belongs to another account, or this one's policies deny s3:ListBucket on it.`,
    });
  }
}

/**
 * Makes the bucket: nobody but the account sees it. Without versions, since the journal beside each rollout tells how it became what
 * it is. Repeating it changes nothing.
 */
export async function makeBucket(s3: S3Client, { name, home }: RolloutBucket): Promise<void> {
  const LocationConstraint = home as BucketLocationConstraint;
  try {
    await s3.send(
      new CreateBucketCommand({
        Bucket: name,
        ...(home === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint } }),
      }),
    );
  } catch (error) {
    // Somebody else has begun a rollout at the same time.
    if (!(error instanceof Error && error.name === "BucketAlreadyOwnedByYou")) throw error;
  }
  await waitUntilBucketExists({ client: s3, maxWaitTime: longestCreationSeconds }, { Bucket: name });
  await s3.send(
    new PutPublicAccessBlockCommand({
      Bucket: name,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    }),
  );
  await s3.send(
    new PutBucketTaggingCommand({ Bucket: name, Tagging: { TagSet: [{ Key: "trysail", Value: "rollouts" }] } }),
  );
}
