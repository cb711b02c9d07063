import type { Dirent } from "node:fs";
import { readdir, readlink, realpath, stat } from "node:fs/promises";
import { basename, isAbsolute, join, relative, resolve, sep } from "node:path";
import picomatch from "picomatch";
import type { ArtifactSpec } from "../buildspec/types.ts";
import { PhaseProblem } from "./problem.ts";

/** A file that was selected, and its name in the output. */
export interface SelectedFile {
  readonly path: string;
  readonly name: string;
  /** Set where a symbolic link is to be kept as one. */
  readonly linkTarget?: string;
}

type Selection = Pick<ArtifactSpec, "files" | "baseDirectory" | "excludePaths" | "discardPaths" | "enableSymlinks">;

const matchOptions = { dot: true, nonegate: true } as const;

/** Patterns as CodeBuild writes them: from the folder, with or without `./` before them. */
function matcher(patterns: readonly string[]): (name: string) => boolean {
  if (patterns.length === 0) return () => false;
  return picomatch(
    patterns.map((pattern) => pattern.replace(/^(\.\/)+/, "")),
    matchOptions,
  );
}

/**
 * The files that an artifact or a report is made of.
 *
 * @throws PhaseProblem `CLIENT_ERROR` if the base directory, or any file, is not there
 * @see https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.artifacts.files
 */
export async function selectFiles(source: string, selection: Selection): Promise<SelectedFile[]> {
  const bases = await baseFolders(source, selection.baseDirectory);
  const [first = source] = bases;
  const wanted = matcher(selection.files.map((pattern) => (isAbsolute(pattern) ? relative(first, pattern) : pattern)));
  const excluded = matcher(selection.excludePaths);
  const found = new Map<string, SelectedFile>();
  for (const base of bases) {
    // Patterns without a wildcard name their files: the rest of the folder need not be looked at.
    const onlyNamed = selection.files.every((pattern) => !picomatch.scan(pattern).isGlob);
    const files = onlyNamed ? named(base, selection) : walk(base, base, selection.enableSymlinks, new Set());
    for await (const file of files) {
      if (!wanted(file.name) || excluded(file.name)) continue;
      const name = selection.discardPaths ? basename(file.name) : file.name;
      found.set(name, { ...file, name });
    }
  }
  if (found.size === 0) throw new PhaseProblem("CLIENT_ERROR", "no matching artifact paths found");
  return [...found.values()];
}

async function baseFolders(source: string, base: string | undefined): Promise<string[]> {
  const missing = () => new PhaseProblem("CLIENT_ERROR", `no matching base directory path found for ${base}`);
  if (base === undefined) return [source];
  if (!picomatch.scan(base).isGlob) {
    const folder = resolve(source, base);
    const found = await stat(folder).catch(() => undefined);
    if (found?.isDirectory() !== true) throw missing();
    return [folder];
  }
  const fits = matcher([base]);
  const folders = (await readdir(source, { withFileTypes: true })).filter(
    (entry) => entry.isDirectory() && fits(entry.name),
  );
  if (folders.length === 0) throw missing();
  return folders.map(({ name }) => join(source, name));
}

async function* named(base: string, { files, enableSymlinks }: Selection): AsyncGenerator<SelectedFile> {
  for (const pattern of files) {
    const path = resolve(base, pattern);
    const name = relative(base, path).split(sep).join("/");
    const target = enableSymlinks ? await readlink(path).catch(() => undefined) : undefined;
    if (target !== undefined) yield { path, name, linkTarget: target };
    else if ((await stat(path).catch(() => undefined))?.isFile() === true) yield { path, name };
  }
}

/** Every file below a folder. A link is kept, or followed: but not into a folder that the walk is in already. */
async function* walk(
  base: string,
  folder: string,
  keepsLinks: boolean,
  above: ReadonlySet<string>,
): AsyncGenerator<SelectedFile> {
  const here = await realpath(folder);
  if (above.has(here)) return;
  const inside = new Set([...above, here]);
  const entries: Dirent[] = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    const name = relative(base, path).split(sep).join("/");
    if (entry.isDirectory()) yield* walk(base, path, keepsLinks, inside);
    else if (entry.isFile()) yield { path, name };
    else if (entry.isSymbolicLink()) {
      if (keepsLinks) {
        yield { path, name, linkTarget: await readlink(path) };
        continue;
      }
      const target = await stat(path).catch(() => undefined);
      if (target?.isDirectory() === true) yield* walk(base, path, keepsLinks, inside);
      else if (target?.isFile() === true) yield { path, name };
    }
  }
}
