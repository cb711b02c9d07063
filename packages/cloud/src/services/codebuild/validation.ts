import type { ProjectArtifacts, ProjectEnvironment, ProjectSource } from "@aws-sdk/client-codebuild";
import { errors } from "./errors.ts";

const gitTypes: readonly string[] = [
  "GITHUB",
  "GITHUB_ENTERPRISE",
  "GITLAB",
  "GITLAB_SELF_MANAGED",
  "BITBUCKET",
  "CODECOMMIT",
];

/** @returns the value, or the default. @throws AwsError `InvalidInputException` */
export function checkMinutes(
  name: string,
  minutes: number | undefined,
  range: { readonly least: number; readonly most: number; readonly default: number },
): number {
  const value = minutes ?? range.default;
  if (value >= range.least && value <= range.most) return value;
  throw errors.InvalidInputException(`Invalid ${name}: it must be between ${range.least} and ${range.most}.`);
}

/** @param when - a source of CodePipeline's is for a project; a build of it needs to know where to read */
export function checkSource(source: ProjectSource, when: "project" | "build"): void {
  const { type, location, buildspec } = source;
  if (type === "CODEPIPELINE") {
    if (when === "build")
      throw errors.InvalidInputException(
        "The project's source is CODEPIPELINE: only a pipeline, or a source override, can start its builds.",
      );
    return;
  }
  if (type === "NO_SOURCE") {
    if (when === "build" && source.sourceIdentifier === undefined && !isInlineBuildspec(buildspec)) {
      throw errors.InvalidInputException(
        "Invalid project source: a source of type NO_SOURCE needs a buildspec that is given inline.",
      );
    }
    return;
  }
  if (type !== "S3" && !gitTypes.includes(type ?? ""))
    throw errors.InvalidInputException(`Invalid project source: type ${type} is not supported.`);
  if (location === undefined || location === "")
    throw errors.InvalidInputException("Invalid project source: location must not be empty.");
  if (type === "S3" && !/^[^/]+\/.+$/.test(location))
    throw errors.InvalidInputException("Invalid project source: location must be a valid S3 source: bucket/key.");
  if (source.gitSubmodulesConfig?.fetchSubmodules === true)
    throw errors.InvalidInputException("Trysail does not fetch git submodules: leave out gitSubmodulesConfig.");
}

/** Whether a buildspec is given itself, and not as the name of a file. */
export function isInlineBuildspec(buildspec = ""): boolean {
  return buildspec.includes("\n") || /^\s*(\{|version\s*:)/.test(buildspec);
}

export function checkArtifacts(
  { type, location, artifactIdentifier }: ProjectArtifacts,
  when: "project" | "build",
): void {
  if (type === "CODEPIPELINE" && when === "build") {
    throw errors.InvalidInputException(
      "The project's artifacts are CODEPIPELINE: only a pipeline, or an artifacts override, can start its builds.",
    );
  }
  if (type === "S3" && (location === undefined || location === "")) {
    throw errors.InvalidInputException(
      `Invalid artifacts: location must not be empty${artifactIdentifier === undefined ? "" : ` for ${artifactIdentifier}`}.`,
    );
  }
}

/** Builds run on this machine: on what is like Linux, whatever its processor. */
export function checkEnvironment({ type, environmentVariables = [] }: ProjectEnvironment): void {
  if (
    ![
      "LINUX_CONTAINER",
      "LINUX_GPU_CONTAINER",
      "ARM_CONTAINER",
      "LINUX_EC2",
      "ARM_EC2",
      "LINUX_LAMBDA_CONTAINER",
      "ARM_LAMBDA_CONTAINER",
    ].includes(type ?? "")
  ) {
    throw errors.InvalidInputException(
      `Trysail runs builds on this machine's own toolchain: environments of type ${type} are not supported.`,
    );
  }
  const names = environmentVariables.map(({ name }) => name);
  const wrong = names.find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name ?? ""));
  if (wrong !== undefined) throw errors.InvalidInputException(`Invalid environment variable name: ${wrong}`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw errors.InvalidInputException(`Duplicate environment variable: ${twice}`);
}
