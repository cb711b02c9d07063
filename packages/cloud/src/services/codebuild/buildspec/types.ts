/** The phases that run a buildspec's commands, in their order. */
export const commandPhases = ["INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD"] as const;

export type CommandPhase = (typeof commandPhases)[number];

/** What a failed phase does to the build. `default`: as the phase transitions say. */
export type OnFailure =
  | { readonly action: "default" | "abort" | "continue" }
  /** The whole build is tried again, so often, if the error's message fits. */
  | { readonly action: "retry"; readonly times: number; readonly pattern: string };

export interface PhaseSpec {
  readonly commands: readonly string[];
  readonly finally: readonly string[];
  readonly onFailure: OnFailure;
}

export interface ArtifactSpec {
  readonly files: readonly string[];
  readonly name: string | undefined;
  readonly baseDirectory: string | undefined;
  readonly discardPaths: boolean;
  readonly excludePaths: readonly string[];
  readonly enableSymlinks: boolean;
  readonly s3Prefix: string | undefined;
}

export const reportFormats = [
  "JUNITXML",
  "CUCUMBERJSON",
  "NUNITXML",
  "NUNIT3XML",
  "TESTNGXML",
  "VISUALSTUDIOTRX",
  "CLOVERXML",
  "COBERTURAXML",
  "JACOCOXML",
  "SIMPLECOV",
] as const;

export type ReportFormat = (typeof reportFormats)[number];

export interface ReportSpec {
  /** The group's name, which may hold variables, or its ARN. */
  readonly group: string;
  readonly files: readonly string[];
  readonly format: ReportFormat;
  readonly baseDirectory: string | undefined;
  readonly discardPaths: boolean;
}

export interface CacheSpec {
  readonly paths: readonly string[];
  readonly key: string | undefined;
  readonly fallbackKeys: readonly string[];
  readonly restores: boolean;
  readonly saves: boolean;
}

/** A buildspec that has been read and found to be right. */
export interface Buildspec {
  /** With 0.1 each command has a shell of its own; with 0.2 all have one. */
  readonly version: "0.1" | "0.2";
  /** Undefined: the image's own. */
  readonly shell: "bash" | "sh" | undefined;
  readonly variables: Readonly<Record<string, string>>;
  readonly parameterStore: Readonly<Record<string, string>>;
  readonly secretsManager: Readonly<Record<string, string>>;
  readonly exportedVariables: readonly string[];
  readonly runtimes: Readonly<Record<string, string>>;
  readonly phases: { readonly [Phase in CommandPhase]?: PhaseSpec };
  readonly artifacts: ArtifactSpec | undefined;
  readonly secondaryArtifacts: Readonly<Record<string, ArtifactSpec>>;
  readonly reports: readonly ReportSpec[];
  readonly cache: CacheSpec | undefined;
  /** What has no effect here, as sentences for the build's log. */
  readonly warnings: readonly string[];
}
