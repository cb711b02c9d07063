import { mkdir } from "node:fs/promises";
import { contentOf, readZip, ZipProblem } from "../../../archives/read-zip.ts";
import { staysInside, unpackZip } from "../../../archives/unpack-zip.ts";
import { errors } from "../errors.ts";
import { limits } from "../limits.ts";

const archiveLimits = { totalBytes: limits.unzippedBytes - 1, entries: 1_000_000 };

/** Runs what reads an archive, and tells of what is wrong with it in Lambda's words. */
async function reading(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ZipProblem) throw errors.InvalidParameterValueException(wordsFor(error), { Type: "User" });
    throw error;
  }
}

function wordsFor({ code, message }: ZipProblem): string {
  switch (code) {
    case "unreadable":
      return "Could not unzip uploaded file. Please check your file, then try to upload again.";
    case "too-large":
      return `Unzipped size must be smaller than ${limits.unzippedBytes} bytes`;
    case "leads-out":
      return `The deployment package leads out of itself: ${message}.`;
  }
}

/**
 * Checks a deployment package: that it is a zip archive, unpacks to no more than it may, and to nowhere else.
 *
 * @throws AwsError `InvalidParameterValueException`
 */
export async function checkArchive(bytes: Buffer): Promise<void> {
  await reading(() =>
    readZip(bytes, archiveLimits, async (entries) => {
      for await (const entry of entries) {
        if (entry.kind !== "link") continue;
        const target = (await contentOf(entry)).toString("utf8");
        if (!staysInside(entry.path, target)) throw new ZipProblem("leads-out", `the link ${entry.path}`);
      }
    }),
  );
}

/**
 * Unpacks a deployment package into a folder, over what is there. Files are read-only, as a function finds them in AWS;
 * nothing is written outside of the folder.
 *
 * @throws AwsError `InvalidParameterValueException`
 */
export async function unpackArchive(bytes: Buffer, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await reading(() => unpackZip(bytes, folder, archiveLimits, (mode) => (mode | 0o444) & ~0o222));
}
