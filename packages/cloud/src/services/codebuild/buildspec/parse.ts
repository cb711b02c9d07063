import { BuildspecError, openYaml } from "./yaml.ts";
import type { Place, Yaml } from "./yaml.ts";
import { reportFormats } from "./types.ts";
import type { ArtifactSpec, Buildspec, CacheSpec, CommandPhase, OnFailure, PhaseSpec, ReportSpec } from "./types.ts";

const phaseKeys: Readonly<Record<string, CommandPhase>> = {
  install: "INSTALL",
  pre_build: "PRE_BUILD",
  build: "BUILD",
  post_build: "POST_BUILD",
};

const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** @see https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.cache.fallback-keys */
const mostFallbackKeys = 5;

/** @see https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#reports-buildspec-file */
const mostReportGroups = 5;

/**
 * Reads a buildspec.
 *
 * @param user - who runs builds: the only name that `run-as` may give
 * @throws BuildspecError with the line of the mistake
 * @see https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
 */
export function parseBuildspec(text: string, user: string): Buildspec {
  const yaml = openYaml(text);
  const top = yaml.members(yaml.root);
  const warnings: string[] = [];

  const versionPlace = top.get("version");
  if (versionPlace === undefined)
    throw new BuildspecError("The buildspec has no version: give version: 0.2 at its top");
  const version = yaml.text(versionPlace);
  if (version !== "0.1" && version !== "0.2") {
    throw new BuildspecError(
      `Invalid buildspec version "${version}" at line ${versionPlace.line}: it must be 0.1 or 0.2`,
    );
  }
  const known = ["version", "run-as", "env", "proxy", "batch", "phases", "reports", "artifacts", "cache"];
  for (const [key, { keyLine }] of top) {
    if (!known.includes(key))
      warnings.push(`The buildspec's key "${key}" at line ${keyLine} is unknown and has no effect.`);
  }
  if (top.has("proxy"))
    warnings.push("The buildspec's proxy has no effect: builds reach the network as this machine does.");
  if (top.has("batch")) warnings.push("The buildspec's batch has no effect: batch builds are not implemented.");
  checkRunAs(yaml, top.get("run-as"), user);

  const phasesPlace = top.get("phases");
  if (phasesPlace === undefined || yaml.isNothing(phasesPlace)) throw new BuildspecError("The buildspec has no phases");
  const phases: { [Phase in CommandPhase]?: PhaseSpec } = {};
  let runtimes: Record<string, string> = {};
  for (const [key, place] of yaml.members(phasesPlace)) {
    const phase = phaseKeys[key];
    if (phase === undefined) {
      throw new BuildspecError(
        `Unknown phase "${key}" at line ${place.keyLine}: the phases are ${Object.keys(phaseKeys).join(", ")}`,
      );
    }
    if (yaml.isNothing(place)) continue;
    phases[phase] = readPhase(yaml, place, user);
    const chosen = yaml.members(place).get("runtime-versions");
    if (phase === "INSTALL" && chosen !== undefined && !yaml.isNothing(chosen)) runtimes = readTexts(yaml, chosen);
  }

  const artifacts = present(yaml, top.get("artifacts"));
  return {
    version,
    ...readEnvironment(yaml, present(yaml, top.get("env"))),
    runtimes,
    phases,
    artifacts: artifacts && readArtifact(yaml, artifacts),
    secondaryArtifacts: artifacts === undefined ? {} : readSecondaryArtifacts(yaml, artifacts),
    reports: readReports(yaml, present(yaml, top.get("reports"))),
    cache: readCache(yaml, present(yaml, top.get("cache"))),
    warnings,
  };
}

function present(yaml: Yaml, place: Place | undefined): Place | undefined {
  return place === undefined || yaml.isNothing(place) ? undefined : place;
}

function checkRunAs(yaml: Yaml, place: Place | undefined, user: string): void {
  if (place === undefined) return;
  const wanted = yaml.text(place);
  if (wanted === user) return;
  throw new BuildspecError(
    `run-as "${wanted}" at line ${place.line} cannot be honoured: builds run as ${user}, who runs Trysail`,
  );
}

function readPhase(yaml: Yaml, place: Place, user: string): PhaseSpec {
  const members = yaml.members(place);
  for (const [key, { path, keyLine }] of members) {
    if (!["commands", "finally", "on-failure", "run-as", "runtime-versions"].includes(key)) {
      throw new BuildspecError(`Unknown key ${path} at line ${keyLine}`);
    }
  }
  checkRunAs(yaml, members.get("run-as"), user);
  const commands = present(yaml, members.get("commands"));
  const last = present(yaml, members.get("finally"));
  const onFailure = present(yaml, members.get("on-failure"));
  return {
    commands: commands === undefined ? [] : yaml.texts(commands),
    finally: last === undefined ? [] : yaml.texts(last),
    onFailure: onFailure === undefined ? { action: "default" } : readOnFailure(yaml.text(onFailure), onFailure),
  };
}

function readOnFailure(text: string, place: Place): OnFailure {
  if (text === "ABORT") return { action: "abort" };
  if (text === "CONTINUE") return { action: "continue" };
  const retry = /^RETRY(?:-(?<times>\d+)(?=-|$))?(?:-(?<pattern>.+))?$/i.exec(text)?.groups;
  const times = Number(retry?.["times"] ?? 3);
  const pattern = retry?.["pattern"] ?? ".*";
  if (retry !== undefined && times <= 100 && isPattern(pattern)) return { action: "retry", times, pattern };
  throw new BuildspecError(
    `Invalid ${place.path} "${text}" at line ${place.line}: it must be ABORT, CONTINUE, RETRY, RETRY-count (0 to 100), RETRY-regex or RETRY-count-regex`,
  );
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}

function readTexts(yaml: Yaml, place: Place): Record<string, string> {
  return Object.fromEntries(
    [...yaml.members(place)].map(([key, value]) => [key, yaml.isNothing(value) ? "" : yaml.text(value)]),
  );
}

function readVariables(yaml: Yaml, place: Place | undefined): Record<string, string> {
  if (place === undefined || yaml.isNothing(place)) return {};
  for (const [name, { keyLine }] of yaml.members(place)) {
    if (!variableName.test(name))
      throw new BuildspecError(`Invalid name of an environment variable "${name}" at line ${keyLine}`);
  }
  return readTexts(yaml, place);
}

function readEnvironment(yaml: Yaml, place: Place | undefined) {
  const env = place === undefined ? new Map<string, Place>() : yaml.members(place);
  for (const [key, { path, keyLine }] of env) {
    const known = [
      "shell",
      "variables",
      "parameter-store",
      "secrets-manager",
      "exported-variables",
      "git-credential-helper",
    ];
    if (!known.includes(key)) throw new BuildspecError(`Unknown key ${path} at line ${keyLine}`);
  }
  const shellPlace = env.get("shell");
  const exported = present(yaml, env.get("exported-variables"));
  const exportedVariables = exported === undefined ? [] : yaml.texts(exported);
  for (const name of exportedVariables) {
    if (!variableName.test(name))
      throw new BuildspecError(`Invalid name of an exported variable "${name}" at line ${exported?.line}`);
  }
  return {
    shell: shellPlace === undefined ? undefined : readShell(yaml.text(shellPlace), shellPlace),
    variables: readVariables(yaml, env.get("variables")),
    parameterStore: readVariables(yaml, env.get("parameter-store")),
    secretsManager: readVariables(yaml, env.get("secrets-manager")),
    exportedVariables,
  };
}

function readShell(text: string, place: Place): "bash" | "sh" {
  if (text === "bash" || text === "/bin/bash") return "bash";
  if (text === "/bin/sh" || text === "sh") return "sh";
  throw new BuildspecError(`Invalid ${place.path} "${text}" at line ${place.line}: it must be bash or /bin/sh`);
}

/** CodeBuild writes `yes` and `no`, which are plain words in YAML 1.2. */
function readSwitch(yaml: Yaml, place: Place | undefined): boolean {
  if (place === undefined || yaml.isNothing(place)) return false;
  const text = yaml.text(place).toLowerCase();
  if (["yes", "true", "on"].includes(text)) return true;
  if (["no", "false", "off"].includes(text)) return false;
  throw new BuildspecError(`Invalid ${place.path} "${text}" at line ${place.line}: it must be yes or no`);
}

function optionalText(yaml: Yaml, place: Place | undefined): string | undefined {
  return place === undefined || yaml.isNothing(place) ? undefined : yaml.text(place);
}

function optionalTexts(yaml: Yaml, place: Place | undefined): string[] {
  return place === undefined || yaml.isNothing(place) ? [] : yaml.texts(place);
}

function requiredTexts(yaml: Yaml, parent: Place, key: string): string[] {
  const place = present(yaml, yaml.members(parent).get(key));
  if (place === undefined) throw new BuildspecError(`${parent.path}/${key} is missing at line ${parent.keyLine}`);
  return yaml.texts(place);
}

function readArtifact(yaml: Yaml, place: Place): ArtifactSpec {
  const members = yaml.members(place);
  return {
    files: requiredTexts(yaml, place, "files"),
    name: optionalText(yaml, members.get("name")),
    baseDirectory: optionalText(yaml, members.get("base-directory")),
    discardPaths: readSwitch(yaml, members.get("discard-paths")),
    excludePaths: optionalTexts(yaml, members.get("exclude-paths")),
    enableSymlinks: readSwitch(yaml, members.get("enable-symlinks")),
    s3Prefix: optionalText(yaml, members.get("s3-prefix")),
  };
}

function readSecondaryArtifacts(yaml: Yaml, artifacts: Place): Record<string, ArtifactSpec> {
  const place = present(yaml, yaml.members(artifacts).get("secondary-artifacts"));
  if (place === undefined) return {};
  return Object.fromEntries([...yaml.members(place)].map(([id, own]) => [id, readArtifact(yaml, own)]));
}

function readReports(yaml: Yaml, place: Place | undefined): ReportSpec[] {
  if (place === undefined) return [];
  const groups = [...yaml.members(place)];
  if (groups.length > mostReportGroups) {
    throw new BuildspecError(
      `reports at line ${place.keyLine} names ${groups.length} report groups: at most ${mostReportGroups} are allowed`,
    );
  }
  return groups.map(([group, own]) => {
    const members = yaml.members(own);
    const formatPlace = present(yaml, members.get("file-format"));
    const wanted = formatPlace === undefined ? "JUNITXML" : yaml.text(formatPlace).toUpperCase();
    const format = reportFormats.find((name) => name === wanted);
    if (format === undefined) {
      throw new BuildspecError(
        `Invalid ${formatPlace?.path} "${wanted}" at line ${formatPlace?.line}: it must be one of ${reportFormats.join(", ")}`,
      );
    }
    return {
      group,
      files: requiredTexts(yaml, own, "files"),
      format,
      baseDirectory: optionalText(yaml, members.get("base-directory")),
      discardPaths: readSwitch(yaml, members.get("discard-paths")),
    };
  });
}

function readCache(yaml: Yaml, place: Place | undefined): CacheSpec | undefined {
  if (place === undefined) return undefined;
  const members = yaml.members(place);
  const action = present(yaml, members.get("action"));
  const what = action === undefined ? undefined : yaml.text(action);
  if (what !== undefined && what !== "restore" && what !== "save") {
    throw new BuildspecError(`Invalid ${action?.path} "${what}" at line ${action?.line}: it must be restore or save`);
  }
  const fallbackKeys = optionalTexts(yaml, members.get("fallback-keys"));
  if (fallbackKeys.length > mostFallbackKeys) {
    throw new BuildspecError(
      `cache/fallback-keys at line ${members.get("fallback-keys")?.line} has more than ${mostFallbackKeys} keys`,
    );
  }
  return {
    paths: requiredTexts(yaml, place, "paths"),
    key: optionalText(yaml, members.get("key")),
    fallbackKeys,
    restores: what !== "save",
    saves: what !== "restore",
  };
}
