import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Context } from "../../kernel/context.ts";
import { errors } from "./errors.ts";
import type { Execution } from "./engine/state.ts";
import { artifactKey } from "./model/artifact-key.ts";
import { artifactStoreOf } from "./model/definition.ts";
import type { Definition } from "./model/definition.ts";
import type { PlacedArtifact } from "./model.ts";

/** Where an action of that region puts an artifact. What is made again for an execution takes the place of the old one. */
export function placeOutput(
  ctx: Context,
  definition: Definition,
  execution: Execution,
  region: string,
  name: string,
): PlacedArtifact {
  const store = storeFor(ctx, definition, region);
  const key =
    execution.artifacts[name]?.key ??
    artifactKey(definition.name, name, (length, alphabet) => ctx.ids.text(length, alphabet));
  return { name, key, region, bucket: store.location, revision: undefined, encryptionKey: store.encryptionKey };
}

/**
 * An artifact where an action of that region can read it: copied into the region's store if it was made in another.
 *
 * @throws AwsError `ActionNotFoundException` if nothing has made it
 */
export async function placeInput(
  ctx: Context,
  definition: Definition,
  execution: Execution,
  region: string,
  name: string,
): Promise<PlacedArtifact> {
  const artifact = execution.artifacts[name];
  if (artifact === undefined) {
    throw errors.ActionNotFoundException(
      `The input artifact ${name} is not there: the action that makes it has made none.`,
    );
  }
  const store = storeFor(ctx, definition, region);
  const placed: PlacedArtifact = { ...artifact, region, bucket: store.location, encryptionKey: store.encryptionKey };
  if (artifact.bucket !== store.location) {
    await ctx.as({ region: region as Context["region"] }).call.s3.copyObject({
      Bucket: placed.bucket,
      Key: placed.key,
      CopySource: `${artifact.bucket}/${artifact.key.split("/").map(encodeURIComponent).join("/")}`,
      ...encryptionOf(placed),
    });
  }
  return placed;
}

function storeFor(ctx: Context, definition: Definition, region: string) {
  const store = artifactStoreOf(definition, region, ctx.region);
  if (store === undefined)
    throw errors.InvalidStructureException(`The pipeline has no artifact store for the region ${region}.`);
  return store;
}

function encryptionOf({ encryptionKey }: PlacedArtifact) {
  return encryptionKey === undefined ? {} : { ServerSideEncryption: "aws:kms" as const, SSEKMSKeyId: encryptionKey.id };
}

/** Puts a file into an artifact's place. */
export async function uploadArtifact(ctx: Context, artifact: PlacedArtifact, file: string): Promise<void> {
  const { size } = await stat(file);
  await ctx.call.s3.putObject({
    Bucket: artifact.bucket,
    Key: artifact.key,
    Body: createReadStream(file),
    ContentLength: size,
    ContentType: "application/zip",
    ...encryptionOf(artifact),
  });
}

/** Puts bytes into an artifact's place. */
export async function putArtifact(ctx: Context, artifact: PlacedArtifact, content: Buffer): Promise<void> {
  await ctx.call.s3.putObject({
    Bucket: artifact.bucket,
    Key: artifact.key,
    Body: Readable.from([content]),
    ContentLength: content.length,
    ContentType: "application/zip",
    ...encryptionOf(artifact),
  });
}

/** Writes an object into a file. */
export async function downloadObject(
  ctx: Context,
  object: { readonly bucket: string; readonly key: string; readonly versionId?: string | undefined },
  file: string,
): Promise<void> {
  const { Body: body } = await ctx.call.s3.getObject({
    Bucket: object.bucket,
    Key: object.key,
    VersionId: object.versionId,
  });
  const source = body instanceof Readable ? body : Readable.from(body === undefined ? [] : [body]);
  await pipeline(source, createWriteStream(file));
}
