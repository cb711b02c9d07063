import { constants, createWriteStream, existsSync } from "node:fs";
import { cp, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { TrysailError } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import type { BlobId } from "../../../store/blobs.ts";
import { unpack } from "../../codebuild/runner/archive.ts";
import type { ImageRow } from "../model.ts";
import { tables } from "../store.ts";
import { isWellKnownImage } from "./well-known.ts";

/** Puts what is in an image into a folder that is empty. AWS's own images are empty: they are this machine. */
export async function copyImage(ctx: Context, imageId: string, folder: string): Promise<void> {
  if (isWellKnownImage(ctx.region, imageId)) return;
  const image = ctx.table(tables.images).get(imageId);
  if (image === undefined)
    throw new TrysailError("image-not-available", `The image ${imageId} was deregistered.`, { fault: "user" });
  const unpacked = await unpackedImage(ctx, image);
  await cp(unpacked, folder, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
}

/** The folder of an image's files, unpacked at its first use. It can always be made again from the archive. */
export async function unpackedImage(ctx: Context, { ImageId, archive }: ImageRow): Promise<string> {
  const folder = folderOf(ctx, ImageId);
  if (existsSync(folder)) return folder;
  const work = `${folder}.${ctx.ids.hex(8)}`;
  const files = join(work, "files");
  const packed = join(work, "archive");
  await mkdir(files, { recursive: true, mode: 0o700 });
  try {
    await pipeline(ctx.host.blobs.read(archive.blob), createWriteStream(packed));
    if (archive.format === "zip") await unpack(packed, files);
    else await tar(ctx, work, ["-xzf", packed, "-C", files]);
    await rename(files, folder).catch((error: unknown) => {
      // Another instance of the same image was quicker.
      if (!existsSync(folder)) throw error;
    });
  } catch (error) {
    if (error instanceof TrysailError) throw error;
    throw new TrysailError("image-not-available", `The image ${ImageId} cannot be unpacked.`, {
      fault: "user",
      cause: error,
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}

/** Whether some image is made of this blob. What is not is swept at start. */
export function namesBlob(ctx: Context, id: BlobId): boolean {
  return ctx.table(tables.imageBlobs).has(id);
}

function folderOf(ctx: Context, imageId: string): string {
  return ctx.host.workspace("ec2", ctx.account, ctx.region, "images", imageId);
}

export async function removeUnpacked(ctx: Context, imageId: string): Promise<void> {
  await rm(folderOf(ctx, imageId), { recursive: true, force: true });
}

/** Packs a folder's files into a file. */
export async function packFolder(ctx: Context, folder: string, archive: string): Promise<void> {
  await tar(ctx, folder, ["-czf", archive, "-C", folder, "."]);
}

async function tar(ctx: Context, cwd: string, args: readonly string[]): Promise<void> {
  const output: Buffer[] = [];
  const { exited } = await ctx.host.processes.start({
    treeId: `ec2-image-${ctx.ids.hex(16)}`,
    command: "tar",
    args,
    cwd,
    environment: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
    onOutput: (chunk) => void output.push(chunk),
  });
  const { code } = await exited;
  if (code !== 0) throw new Error(Buffer.concat(output).toString("utf8").trim() || "tar was ended by a signal");
}
