import { TrysailError } from "@trysail/core";
import type { Version } from "@trysail/delivery";
import { usageError } from "../failure.ts";

/** What the command line tells of a version. */
export interface VersionOptions {
  /** `s3://bucket/key` of a zip, or an image. */
  readonly artifact: string;
  readonly versionId?: string | undefined;
  /** A commit, by any name that git knows in the current folder. */
  readonly commit?: string | undefined;
}

/** Where more is found out about a version. */
export interface VersionSources {
  /** The ETag of an object; null where it may not be looked at. @returns undefined if there is none */
  etagOf(bucket: string, key: string): Promise<string | null | undefined>;
  /** @returns undefined where git knows no such commit, or there is no git */
  commitOf(name: string): Promise<{ readonly id: string; readonly committedAt: number } | undefined>;
}

const shortLength = 7;

/**
 * The version that is meant. Without an id it is called after the commit, else after the artifact.
 *
 * @throws TrysailError `usage`, or `artifact-not-found` (fault: user)
 */
export async function versionOf(
  { artifact, versionId, commit }: VersionOptions,
  sources: VersionSources,
): Promise<Version> {
  const found = commit === undefined ? undefined : await sources.commitOf(commit);
  if (commit !== undefined && found === undefined && !/^[0-9a-f]{7,64}$/.test(commit))
    throw usageError(`git knows no commit "${commit}" here.`, "Give its id, or run this in its repository.");
  const commitId = found?.id ?? commit;
  const own = versionId ?? commitId?.slice(0, shortLength);
  const id = artifact.startsWith("s3://") ? await objectId(artifact, own, sources) : (own ?? imageId(artifact));
  return { id, artifact, commit: commitId, committedAt: found?.committedAt };
}

async function objectId(artifact: string, own: string | undefined, sources: VersionSources): Promise<string> {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(artifact) ?? [];
  if (bucket === undefined || key === undefined)
    throw usageError(`"${artifact}" names no object.`, "Give a bucket and a key: s3://my-builds/playback-42.zip");
  const etag = await sources.etagOf(bucket, key);
  if (etag === undefined)
    throw new TrysailError("artifact-not-found", `There is no object ${artifact}.`, {
      fault: "user",
      next: "Put it there first: aws s3 cp build.zip " + artifact,
    });
  const id = own ?? etag?.replaceAll('"', "").slice(0, shortLength);
  if (id !== undefined) return id;
  throw usageError(`${artifact} may not be looked at, so that nothing tells what to call it.`, "Give --version-id.");
}

/** By its digest or tag; `latest` is each time another. */
function imageId(image: string): string {
  if (/^[./]|\s|\.zip$/.test(image) || image === "")
    throw usageError(
      `"${image}" is neither an object of S3 nor an image.`,
      "Instances fetch it from S3: put it there, and give s3://BUCKET/KEY.",
    );
  const digest = /@sha256:([0-9a-f]{7})/.exec(image)?.[1];
  const tag = /:([\w.-]+)$/.exec(image)?.[1];
  const id = digest ?? (tag === "latest" ? undefined : tag);
  if (id !== undefined) return id;
  throw usageError(`"${image}" does not tell one version from the next.`, "Give a tag or a digest, or --version-id.");
}
