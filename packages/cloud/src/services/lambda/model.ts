import type { Architecture, LogFormat, LoggingConfig, Runtime, TracingMode, VpcConfig } from "@aws-sdk/client-lambda";
import type { Millis } from "@trysail/core";
import type { BlobId } from "../../store/blobs.ts";

/** A function, apart from its versions. */
export interface LambdaFunction {
  readonly name: string;
  readonly createdAt: Millis;
  readonly tags: Readonly<Record<string, string>>;
  /** The number of the version that was published last; 0 if none was. Numbers are never used again. */
  readonly lastVersion: number;
  /** Undefined: what the account has left. */
  readonly reservedConcurrency: number | undefined;
}

/** A deployment package as it was uploaded. */
export interface Code {
  readonly blob: BlobId;
  readonly sizeBytes: number;
  /** Of the archive, in base64. */
  readonly sha256: string;
}

/** A version's number; `$LATEST` is 0. */
export type VersionNumber = number;
export const latest: VersionNumber = 0;

/** What a version of a function is: its code and its configuration. Published ones do not change. */
export interface Version {
  readonly functionName: string;
  readonly number: VersionNumber;
  readonly description: string;
  readonly runtime: Runtime;
  readonly handler: string;
  readonly role: string;
  readonly code: Code;
  readonly timeoutSeconds: number;
  readonly memoryMib: number;
  readonly variables: Readonly<Record<string, string>>;
  /** In order. A layer version that is deleted stays in the functions that have it. */
  readonly layers: readonly { readonly arn: string; readonly code: Code }[];
  readonly architecture: Architecture;
  readonly ephemeralStorageMib: number;
  readonly logging: LoggingConfig & { readonly LogFormat: LogFormat; readonly LogGroup: string };
  /** Recorded: what Trysail does not do by it is in the README. */
  readonly kmsKeyArn: string | undefined;
  readonly tracingMode: TracingMode;
  readonly vpc: VpcConfig | undefined;
  /** Where events go that were given up. */
  readonly deadLetterTopic?: string | undefined;
  readonly modifiedAt: Millis;
  readonly revisionId: string;
}

export interface Alias {
  readonly functionName: string;
  readonly name: string;
  readonly version: VersionNumber;
  readonly description: string;
  /** A second version and the part of invocations, from 0 to 1, that goes to it. */
  readonly additional: { readonly version: VersionNumber; readonly weight: number } | undefined;
  readonly revisionId: string;
}

/** A version of a layer. */
export interface LayerVersion {
  readonly name: string;
  readonly number: number;
  readonly description: string;
  readonly code: Code;
  readonly runtimes: readonly Runtime[];
  readonly architectures: readonly Architecture[];
  readonly licenseInfo: string | undefined;
  readonly createdAt: Millis;
}

/** A resource policy: statements by their ids, as GetPolicy shows them. */
export interface Policy {
  readonly statements: Readonly<Record<string, object>>;
  readonly revisionId: string;
}

/** How a version is written in ARNs and answers. */
export function versionText(number: VersionNumber): string {
  return number === latest ? "$LATEST" : String(number);
}

/** `2026-01-31T12:00:00.000+0000` */
export function timeText(at: Millis): string {
  return new Date(at).toISOString().replace("Z", "+0000");
}

/**
 * Which of an alias's versions an invocation goes to.
 *
 * @param draw - a random number from 0 up to, and not including, 1
 */
export function routedVersion({ version, additional }: Alias, draw: number): VersionNumber {
  return additional !== undefined && draw < additional.weight ? additional.version : version;
}
