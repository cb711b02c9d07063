import { constants } from "node:fs";
import { copyFile, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { CacheSpec } from "../buildspec/types.ts";
import { messageOf } from "@trysail/core";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Context } from "../../../kernel/context.ts";
import { pack, unpack } from "./archive.ts";
import { download, splitLocation, upload } from "./objects.ts";
import { expand } from "./outputs.ts";
import { prepared, scratchFile } from "./run.ts";
import type { Run } from "./run.ts";
import { selectFiles } from "./select-files.ts";
import type { SelectedFile } from "./select-files.ts";

/** Where a project's caches are kept: as objects below a prefix, or as files. */
interface Place {
  save(name: string, archive: string): Promise<void>;
  /** @returns whether there is one */
  load(name: string, archive: string): Promise<boolean>;
  /** The newest whose name begins so. */
  newest(prefix: string): Promise<string | undefined>;
}

/** The folder of a project's local caches. */
export function localCacheFolder(ctx: Context, project: string): string {
  return ctx.host.workspace("codebuild-caches", ctx.account, ctx.region, project);
}

/** The prefix of a project's caches in S3. */
export function cachePrefix(
  location: string,
  project: string,
  namespace: string | undefined,
): { readonly bucket: string; readonly prefix: string } {
  const { bucket, key } = splitLocation(location);
  return {
    bucket,
    prefix: [key.replace(/\/+$/, ""), namespace ?? project, ""]
      .filter((part, index) => part !== "" || index === 2)
      .join("/"),
  };
}

function placeOf({ ctx, stored }: Run): Place | undefined {
  const { cache, projectName } = stored.build;
  if (cache?.type === "S3") {
    const { bucket, prefix } = cachePrefix(cache.location ?? "", projectName, cache.cacheNamespace);
    return {
      save: (name, archive) => upload(ctx, bucket, prefix + name, archive),
      async load(name, archive) {
        try {
          await download(ctx, bucket, prefix + name, archive);
          return true;
        } catch (error) {
          if (isAwsError(error, "NoSuchKey")) return false;
          throw error;
        }
      },
      async newest(start) {
        const { Contents: found = [] } = await ctx.call.s3.listObjectsV2({ Bucket: bucket, Prefix: prefix + start });
        const [last] = found.toSorted((a, b) => (b.LastModified?.getTime() ?? 0) - (a.LastModified?.getTime() ?? 0));
        return last?.Key?.slice(prefix.length);
      },
    };
  }
  if (cache?.type !== "LOCAL" || cache.modes?.includes("LOCAL_CUSTOM_CACHE") !== true) return undefined;
  const folder = localCacheFolder(ctx, projectName);
  const file = (name: string) => join(folder, encodeURIComponent(name));
  return {
    async save(name, archive) {
      await mkdir(folder, { recursive: true });
      // Beside and then into place: another build may be reading the one that is there.
      const beside = join(folder, `.${ctx.ids.uuid()}`);
      await copyFile(archive, beside, constants.COPYFILE_FICLONE);
      await rename(beside, file(name));
    },
    async load(name, archive) {
      if ((await stat(file(name)).catch(() => undefined)) === undefined) return false;
      await copyFile(file(name), archive, constants.COPYFILE_FICLONE);
      return true;
    },
    async newest(start) {
      const names = (await readdir(folder).catch(() => [])).filter((name) =>
        decodeURIComponent(name).startsWith(start),
      );
      const dated = await Promise.all(
        names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })),
      );
      const [last] = dated.toSorted((a, b) => b.at - a.at);
      return last === undefined ? undefined : decodeURIComponent(last.name);
    },
  };
}

/** In an archive, what lies in the source and what lies in the home folder is kept apart. */
const parts = { source: "source/", home: "home/" } as const;

/** The part and the pattern below it; undefined for a path that is neither in the source nor in the home folder. */
function partOf(
  run: Run,
  pattern: string,
): { readonly part: keyof typeof parts; readonly pattern: string } | undefined {
  const home = run.workspace.home;
  // On AWS builds run as root: buildspecs name its home.
  const path = pattern.replace(/^(~|\$HOME|\/root)(?=\/)/, home);
  if (!isAbsolute(path)) {
    const below = relative(run.sourceFolder, resolve(run.sourceFolder, path));
    return below.startsWith("..") ? undefined : { part: "source", pattern: path };
  }
  for (const [part, folder] of [
    ["source", run.sourceFolder],
    ["home", home],
  ] as const) {
    if (path.startsWith(`${folder}/`)) return { part, pattern: path.slice(folder.length + 1) };
  }
  return undefined;
}

/** What a cache without a key of its own is called. */
const unnamed = "cache";

async function nameOf(run: Run, { key }: CacheSpec): Promise<string> {
  return key === undefined ? unnamed : expand(run, key);
}

/** Puts back what an earlier build of the project has saved. A cache that cannot be read is told of, and done without. */
export async function restoreCache(run: Run): Promise<void> {
  const { cache } = prepared(run).buildspec;
  const place = placeOf(run);
  if (cache === undefined || place === undefined || !cache.restores) return;
  try {
    const archive = scratchFile(run, "cache");
    const name = await nameOf(run, cache);
    let found = (await place.load(name, archive)) ? name : undefined;
    for (const fallback of cache.key === undefined ? [] : cache.fallbackKeys) {
      if (found !== undefined) break;
      const newest = await place.newest(await expand(run, fallback));
      if (newest !== undefined && (await place.load(newest, archive))) found = newest;
    }
    if (found === undefined) {
      run.log.container("No cache was found");
      return;
    }
    const folder = join(run.workspace.control, "cache");
    await mkdir(folder, { recursive: true });
    await unpack(archive, folder);
    for (const [part, target] of [
      ["source", run.sourceFolder],
      ["home", run.workspace.home],
    ] as const)
      await moveInto(join(folder, parts[part]), target);
    await rm(archive);
    run.log.container(`Restored the cache ${found}`);
  } catch (error) {
    run.log.container(`Unable to restore the cache: ${messageOf(error)}`);
  }
}

/** Moves what is in a folder into another, where that lacks it. */
async function moveInto(from: string, to: string): Promise<void> {
  const entries = await readdir(from, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    const there = await stat(target).catch(() => undefined);
    if (there === undefined) {
      await mkdir(dirname(target), { recursive: true });
      await rename(source, target);
    } else if (entry.isDirectory() && there.isDirectory()) await moveInto(source, target);
  }
}

/** Saves what the buildspec names. A cache that cannot be saved is told of. */
export async function saveCache(run: Run): Promise<void> {
  const { cache } = prepared(run).buildspec;
  const place = placeOf(run);
  if (cache === undefined || place === undefined || !cache.saves) return;
  try {
    const files: SelectedFile[] = [];
    for (const pattern of cache.paths) {
      const where = partOf(run, pattern);
      if (where === undefined) {
        run.log.container(`The cache path ${pattern} is neither in the source nor in the home folder, and is left out`);
        continue;
      }
      const folder = where.part === "source" ? run.sourceFolder : run.workspace.home;
      const selection = {
        files: [where.pattern],
        baseDirectory: undefined,
        excludePaths: [],
        discardPaths: false,
        enableSymlinks: true,
      };
      const found = await selectFiles(folder, selection).catch(() => []);
      files.push(...found.map((file) => ({ ...file, name: parts[where.part] + file.name })));
    }
    const archive = scratchFile(run, "cache");
    await pack([...new Map(files.map((file) => [file.name, file])).values()], archive);
    await place.save(await nameOf(run, cache), archive);
    run.log.container(`Saved the cache: ${files.length} file(s)`);
  } catch (error) {
    run.log.container(`Unable to save the cache: ${messageOf(error)}`);
  }
}
