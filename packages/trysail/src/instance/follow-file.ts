import { open, readFile, stat } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { codeOf } from "@trysail/core";

/** How often a file is looked at: watching one is not reliable on every file system. */
const lookMs = 200;

/** The last lines of a file, none where there is no file, and where it ends. */
export async function lastLines(
  path: string,
  count: number,
): Promise<{ readonly lines: readonly string[]; readonly end: number }> {
  try {
    const bytes = await readFile(path);
    const lines = bytes.toString("utf8").split("\n").slice(0, -1);
    return { lines: count === 0 ? [] : lines.slice(-count), end: bytes.lastIndexOf(0x0a) + 1 };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return { lines: [], end: 0 };
    throw error;
  }
}

/** Each line that is written to a file after `from`. Begins anew where the file is replaced by a shorter one. Never ends. */
export async function* followFile(path: string, from: number): AsyncGenerator<string, void> {
  for (let end = from; ;) {
    const size = (await stat(path).catch(() => undefined))?.size ?? 0;
    if (size < end) end = 0;
    if (size > end) {
      const { lines, length } = await readLines(path, end, size);
      yield* lines;
      end += length;
    }
    await wait(lookMs);
  }
}

/** The whole lines between two places, and how many bytes they take. */
async function readLines(
  path: string,
  from: number,
  to: number,
): Promise<{ readonly lines: readonly string[]; readonly length: number }> {
  const file = await open(path);
  try {
    const bytes = Buffer.alloc(to - from);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
    const length = bytes.subarray(0, bytesRead).lastIndexOf(0x0a) + 1;
    return { lines: bytes.toString("utf8", 0, length).split("\n").slice(0, -1), length };
  } finally {
    await file.close();
  }
}
