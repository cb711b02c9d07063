import type {
  AccelerateConfiguration,
  AnalyticsConfiguration,
  CORSConfiguration,
  IntelligentTieringConfiguration,
  InventoryConfiguration,
  LifecycleRule,
  LoggingEnabled,
  MetricsConfiguration,
  NotificationConfiguration,
  ObjectLockConfiguration,
  Payer,
  ReplicationConfiguration,
  Tag,
  TransitionDefaultMinimumObjectSize,
  WebsiteConfiguration,
} from "@aws-sdk/client-s3";
import type { Millis } from "@trysail/core";
import type { Context } from "../../kernel/context.ts";
import type { BlobId } from "../../store/blobs.ts";
import { table } from "../../store/table.ts";
import type { Bucket, PartBody, Upload, UploadedPart, Version } from "./model.ts";
import type { ObjectRow } from "./object-row.ts";

/** A bucket's settings by what S3 calls them. */
export interface Configurations {
  accelerate: AccelerateConfiguration;
  analytics: AnalyticsConfiguration;
  cors: CORSConfiguration;
  "intelligent-tiering": IntelligentTieringConfiguration;
  inventory: InventoryConfiguration;
  lifecycle: {
    readonly Rules: LifecycleRule[];
    readonly TransitionDefaultMinimumObjectSize: TransitionDefaultMinimumObjectSize | undefined;
  };
  logging: LoggingEnabled;
  metrics: MetricsConfiguration;
  notification: NotificationConfiguration;
  "object-lock": ObjectLockConfiguration;
  /** As it was put. */
  policy: { readonly text: string };
  replication: ReplicationConfiguration;
  "request-payment": { readonly Payer: Payer };
  tagging: { readonly TagSet: Tag[] };
  website: WebsiteConfiguration;
}
export type ConfigurationKind = keyof Configurations;

/** Larger than every version's order, so that versions are kept newest first. */
const newestFirst = Number.MAX_SAFE_INTEGER;

export const tables = {
  /** Names are unique among all accounts and regions. A bucket's other rows are in its own account and region. */
  buckets: table<string, Bucket>("buckets", "partition"),
  configurations: table<[bucket: string, kind: ConfigurationKind, id: string], Configurations[ConfigurationKind]>(
    "configurations",
  ),
  /** The current version of each key, unless that is a delete marker. */
  objects: table<[bucket: string, key: string], ObjectRow>("objects"),
  /** All other versions: those that were current once, and every delete marker. Newest first. */
  versions: table<[bucket: string, key: string, newestFirst: number], Version>("versions"),
  uploads: table<[bucket: string, key: string, uploadId: string], Upload>("uploads"),
  parts: table<[uploadId: string, number: number], UploadedPart>("parts"),
  /** Bodies that are small. */
  inlineBodies: table<string, Uint8Array>("inline-bodies"),
  /** The parts of multipart objects. */
  manifests: table<string, readonly PartBody[]>("manifests"),
  /** The blobs that some object or part is made of. What is not named here is swept. */
  namedBlobs: table<BlobId, true>("named-blobs", "partition"),
  /** Blobs that nothing is made of any more. */
  doomedBlobs: table<[since: Millis, blob: BlobId], true>("doomed-blobs", "partition"),
};

/** Where a version's row lies. */
export function versionKey(bucket: string, key: string, order: number): [string, string, number] {
  return [bucket, key, newestFirst - order];
}

export function configurationOf<K extends ConfigurationKind>(
  home: Context,
  bucket: string,
  kind: K,
  id = "",
): Configurations[K] | undefined {
  return home.table(tables.configurations).get([bucket, kind, id]) as Configurations[K] | undefined;
}

/** The context in which a bucket's rows are: its owner's, in its region. */
export function homeOf(ctx: Context, { account, region }: Bucket): Context {
  return ctx.account === account && ctx.region === region ? ctx : ctx.as({ account, region });
}
