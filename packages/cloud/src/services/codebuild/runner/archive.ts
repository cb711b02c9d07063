import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { messageOf } from "@trysail/core";
import yazl from "yazl";
import { ZipProblem } from "../../../archives/read-zip.ts";
import type { ZipLimits } from "../../../archives/read-zip.ts";
import { unpackZip } from "../../../archives/unpack-zip.ts";
import { PhaseProblem } from "./problem.ts";
import type { SelectedFile } from "./select-files.ts";

/** Packing is for this machine's own disk: speed counts for more than size. */
const compressionLevel = 1;

/** What an archive may unpack to at most. A source larger than this is a bomb, or a mistake. */
export const unpackLimits = { totalBytes: 32 * 1024 ** 3, entries: 2_000_000 } as const;

const linkType = 0o120000;

/** Packs files into a zip archive. Modes are kept. */
export async function pack(files: readonly SelectedFile[], archive: string): Promise<void> {
  const zip = new yazl.ZipFile();
  for (const { path, name, linkTarget } of files) {
    if (linkTarget === undefined) zip.addFile(path, name, { compressionLevel });
    else zip.addBuffer(Buffer.from(linkTarget), name, { mode: linkType | 0o777, compress: false });
  }
  zip.end();
  const failed = new Promise<never>((_, reject) => {
    // yazl tells of a file that it cannot read on the archive itself, not on its stream.
    zip.on("error", reject);
  });
  await Promise.race([pipeline(zip.outputStream, createWriteStream(archive)), failed]);
}

/**
 * Unpacks a zip archive into a folder that exists. Modes and links are kept. Nothing is written outside of the folder:
 * a name that leads out of it, or a link, or a path through a link, ends it.
 *
 * @throws PhaseProblem `CLIENT_ERROR`
 */
export async function unpack(archive: string, folder: string, limits: ZipLimits = unpackLimits): Promise<void> {
  try {
    await unpackZip(archive, folder, limits, (mode) => (mode === 0 ? 0o644 : mode | 0o600));
  } catch (error) {
    throw new PhaseProblem(
      "CLIENT_ERROR",
      error instanceof ZipProblem && error.code !== "unreadable"
        ? error.message
        : `the source's zip archive cannot be unpacked: ${messageOf(error)}`,
    );
  }
}
