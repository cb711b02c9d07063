import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../../../kernel/context.ts";
import { copyImage } from "../images/archive.ts";
import { standIns } from "./init.ts";
import type { InstanceRow } from "./model.ts";
import { parseUserData } from "./user-data.ts";

/** Where an instance's files are: `disk`, which its programs see, and beside it what its init needs. */
export function instanceFolder(ctx: Context, id: string): string {
  return ctx.host.workspace("ec2", ctx.account, ctx.region, id);
}

export const diskOf = (folder: string): string => join(folder, "disk");

/** What the instance's init and the programs in its foreground have written. */
export const consoleOf = (folder: string): string => join(folder, "console.log");

/**
 * Makes an instance's folder ready for a boot. The disk is made once; it is kept while the instance is stopped.
 *
 * @param again - whether user data is run once more: what it started was lost with the machine
 */
export async function prepareFolder(ctx: Context, row: InstanceRow, again: boolean): Promise<string> {
  const folder = instanceFolder(ctx, row.id);
  const disk = diskOf(folder);
  if (!existsSync(disk)) {
    const unfinished = join(folder, "disk.new");
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true, mode: 0o700 });
    await copyImage(ctx, row.imageId, unfinished);
    renameSync(unfinished, disk);
  }
  if (again) rmSync(join(folder, "booted"), { force: true });
  writeScripts(folder, row.userData);
  return folder;
}

/** Synchronous: for a few small files, trips through the thread pool take longer than they do. */
function writeScripts(folder: string, userData: string | undefined): void {
  const scripts = join(folder, "user-data");
  rmSync(scripts, { recursive: true, force: true });
  if (userData === undefined) return;
  mkdirSync(scripts);
  const parsed = parseUserData(userData);
  for (const [place, { name, text }] of parsed.scripts.entries()) {
    const file = `${String(place + 1).padStart(2, "0")}-${name.replaceAll(/[^\w.-]+/g, "-")}`;
    writeFileSync(join(scripts, file), text, { mode: 0o700 });
  }
  if (parsed.complaints.length > 0 && !existsSync(join(folder, "booted")))
    appendFileSync(consoleOf(folder), parsed.complaints.map((text) => `[init] ${text}\n`).join(""));
}

/** The folder of the commands that stand before the machine's own. Its name tells its content, so that it never changes. */
export async function standInFolder(ctx: Context): Promise<string> {
  const hash = createHash("sha256")
    .update(JSON.stringify([...standIns]))
    .digest("hex")
    .slice(0, 12);
  const folder = ctx.host.workspace("ec2", `bin-${hash}`);
  if (existsSync(folder)) return folder;
  const unfinished = ctx.host.workspace("ec2", `bin-${ctx.ids.hex(12)}`);
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  for (const [name, text] of standIns) await writeFile(join(unfinished, name), text, { mode: 0o700 });
  try {
    await rename(unfinished, folder);
  } catch (error) {
    // Two instances may boot at once, and the first was quicker.
    if (!existsSync(folder)) throw error;
    await rm(unfinished, { recursive: true, force: true });
  }
  return folder;
}
