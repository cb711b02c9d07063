import { readFile } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { codeOf, messageOf } from "@trysail/core";
import { parseBuildspec } from "../buildspec/parse.ts";
import type { Buildspec } from "../buildspec/types.ts";
import { variableSources } from "../environment.ts";
import { uuidOf } from "../model.ts";
import { changeBuild } from "../progress.ts";
import { isInlineBuildspec } from "../validation.ts";
import { restoreCache } from "./cache.ts";
import { download, splitLocation } from "./objects.ts";
import { PhaseProblem } from "./problem.ts";
import { scratchFile } from "./run.ts";
import type { Run } from "./run.ts";
import { openShell } from "./shell.ts";
import { fetchSource } from "./sources.ts";
import { resolveVariables } from "./variables.ts";
import { builder } from "./workspace.ts";

/** DOWNLOAD_SOURCE: fetches the sources, reads the buildspec, resolves the environment, and opens the shell. */
export async function prepare(run: Run): Promise<void> {
  const { ctx, log, environment, stored, sourceFolder, workspace } = run;
  const { build } = stored;
  const { source = { type: "NO_SOURCE" }, secondarySources = [], secondarySourceVersions = [] } = build;
  log.container("Phase is DOWNLOAD_SOURCE");
  const fetched = await fetchSource(run, source, build.sourceVersion, sourceFolder);
  const resolved = build.resolvedSourceVersion ?? fetched;
  log.container(`CODEBUILD_SRC_DIR=${sourceFolder}`);
  environment["CODEBUILD_SRC_DIR"] = sourceFolder;
  for (const secondary of secondarySources) {
    const { sourceIdentifier: id = "" } = secondary;
    const version = secondarySourceVersions.find(({ sourceIdentifier }) => sourceIdentifier === id)?.sourceVersion;
    const folder = join(workspace.sources, "secondary", id);
    const got = await fetchSource(run, secondary, version, folder);
    log.container(`CODEBUILD_SRC_DIR_${id}=${folder}`);
    environment[`CODEBUILD_SRC_DIR_${id}`] = folder;
    environment[`CODEBUILD_SOURCE_VERSION_${id}`] = version ?? "";
    environment[`CODEBUILD_RESOLVED_SOURCE_VERSION_${id}`] = got ?? "";
  }
  if (resolved !== undefined) {
    environment["CODEBUILD_RESOLVED_SOURCE_VERSION"] = resolved;
    changeBuild(ctx, build.id, (now) => ({ ...now, build: { ...now.build, resolvedSourceVersion: resolved } }));
  }

  const buildspec = await readBuildspec(run, source.buildspec);
  run.buildspec = buildspec;
  for (const warning of buildspec.warnings) log.container(warning);
  log.container("Processing environment variables");
  run.variables = variableSources(buildspec, build.environment?.environmentVariables ?? []);
  Object.assign(environment, await resolveVariables(run, run.variables));
  const runtimes = Object.entries(buildspec.runtimes).map(([name, version]) => `${name} ${version}`);
  log.container(
    runtimes.length === 0
      ? "No runtime version selected in buildspec."
      : `Runtime versions are not installed (${runtimes.join(", ")}): commands use this machine's own toolchain.`,
  );
  log.container(`Moving to directory ${sourceFolder}`);
  run.shell = await openShell({
    processes: ctx.host.processes,
    treeId: run.treeId,
    command: shellOf(buildspec, build.environment?.image),
    nonce: ctx.ids.hex(32),
    folder: workspace.control,
    cwd: sourceFolder,
    environment,
    signal: run.signal,
    onText: (chunk) => log.output(chunk),
  });
  await restoreCache(run);
  const phases = Object.entries(buildspec.phases);
  log.container(`Phases found in YAML: ${phases.length}`);
  for (const [phase, { commands }] of phases) log.container(` ${phase}: ${commands.length} commands`);
}

/** Amazon Linux's `sh` is bash; elsewhere it is this machine's. */
function shellOf({ shell }: Buildspec, image: string | undefined): "bash" | "sh" {
  return shell ?? (image?.includes("amazonlinux") === true ? "bash" : "sh");
}

async function readBuildspec(run: Run, given: string | undefined): Promise<Buildspec> {
  const { log, sourceFolder } = run;
  const { text, location } = await locateBuildspec(run, given);
  log.container(`YAML location is ${location}`);
  try {
    return parseBuildspec(text, builder());
  } catch (error) {
    throw new PhaseProblem("YAML_FILE_ERROR", messageOf(error).replaceAll(`${sourceFolder}/`, ""));
  }
}

async function locateBuildspec(run: Run, given = ""): Promise<{ readonly text: string; readonly location: string }> {
  const { ctx, sourceFolder, stored } = run;
  if (isInlineBuildspec(given))
    return { text: given, location: `the project ${stored.build.projectName} or build ${uuidOf(stored.build.id)}` };
  const isObject = given.startsWith("arn:");
  const path = isObject ? scratchFile(run, "yml") : resolve(sourceFolder, given === "" ? "buildspec.yml" : given);
  try {
    if (isObject) {
      const { bucket, key } = splitLocation(given);
      await download(ctx, bucket, key, path);
    } else if (!path.startsWith(sourceFolder + sep)) {
      throw new PhaseProblem("YAML_FILE_ERROR", `${given} leads out of the source`);
    }
    return { text: await readFile(path, "utf8"), location: isObject ? given : path };
  } catch (error) {
    if (error instanceof PhaseProblem) throw error;
    const reason = codeOf(error) === "ENOENT" ? `stat ${path}: no such file or directory` : messageOf(error);
    throw new PhaseProblem("YAML_FILE_ERROR", reason);
  }
}
