import { lstat, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { TrysailError, codeOf } from "@trysail/core";
import { exitCodes } from "../exit-codes.ts";

/** Marks a folder as Trysail's own: only such a one is ever deleted. */
const markerName = "trysail.json";

/** What finding the data folder depends on. */
export interface Surroundings {
  /** What `--data` says. */
  readonly option?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly currentFolder: string;
  readonly home: string;
  readonly platform: NodeJS.Platform;
}

/**
 * The data folder that a command means: `--data`, else `$TRYSAIL_DATA`, else the nearest `.trysail` from the current
 * folder upwards that is a data folder of this user's, else the one in the user's home
 * (`$XDG_DATA_HOME/trysail`, `~/.local/share/trysail`; on macOS `~/Library/Application Support/trysail`).
 */
export async function findDataFolder({
  option,
  environment,
  currentFolder,
  home,
  platform,
}: Surroundings): Promise<string> {
  const given = option ?? environment["TRYSAIL_DATA"];
  if (given !== undefined && given !== "") return resolve(currentFolder, given);
  for (let folder = resolve(currentFolder); ; folder = dirname(folder)) {
    const candidate = join(folder, ".trysail");
    if (await isOwnDataFolder(candidate)) return candidate;
    if (folder === dirname(folder)) break;
  }
  if (platform === "darwin") return join(home, "Library", "Application Support", "trysail");
  const dataHome = environment["XDG_DATA_HOME"] ?? "";
  return join(dataHome.startsWith("/") ? dataHome : join(home, ".local", "share"), "trysail");
}

/** A folder of somebody else's could send this user's commands anywhere. */
async function isOwnDataFolder(folder: string): Promise<boolean> {
  try {
    const { uid } = await lstat(join(folder, markerName));
    return process.getuid === undefined || uid === process.getuid();
  } catch {
    return false;
  }
}

/** Whether Trysail made this folder. */
export async function isDataFolder(folder: string): Promise<boolean> {
  try {
    const marker: unknown = JSON.parse(await readFile(join(folder, markerName), "utf8"));
    return typeof marker === "object" && marker !== null && "trysail" in marker;
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR" || error instanceof SyntaxError) return false;
    throw error;
  }
}

/**
 * Makes the folder, for this user alone, and marks it.
 *
 * @throws TrysailError `not-our-folder` (fault: user) for a folder that holds something else
 */
export async function prepareDataFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (await isDataFolder(folder)) return;
  if ((await readdir(folder)).length > 0)
    throw notOurs(folder, "holds something else, and Trysail keeps its data to itself");
  await writeFile(join(folder, markerName), `${JSON.stringify({ trysail: "data folder", format: 1 })}\n`);
}

export function notOurs(folder: string, why: string): TrysailError {
  return new TrysailError("not-our-folder", `The folder ${folder} ${why}.`, {
    fault: "user",
    next: "Give an empty folder, or one that does not exist yet, with --data.",
    exitCode: exitCodes.data,
  });
}
