import type { Millis } from "@trysail/core";

export type ParameterType = "String" | "StringList" | "SecureString";

/** What all versions of a parameter share. */
export interface Parameter {
  readonly name: string;
  readonly latest: number;
  readonly tags: Readonly<Record<string, string>>;
}

export interface ParameterVersion {
  readonly name: string;
  readonly version: number;
  readonly type: ParameterType;
  /** Of a SecureString: what KMS encrypted, in base64. */
  readonly value: string;
  /** The key of a SecureString. */
  readonly keyId: string | undefined;
  readonly dataType: string;
  readonly tier: "Standard" | "Advanced";
  readonly description: string | undefined;
  readonly allowedPattern: string | undefined;
  readonly modifiedAt: Millis;
  readonly modifiedBy: string;
  readonly labels: readonly string[];
}

/** @see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-versions.html */
export const versionsKept = 100;

/** @see https://docs.aws.amazon.com/general/latest/gr/ssm.html#limits_ssm */
export const largestValueBytes = { Standard: 4096, Advanced: 8192 } as const;

/**
 * What is wrong with a parameter's name, in AWS's words; undefined if nothing is.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
 */
export function nameFault(name: string): string | undefined {
  if (!/^[a-zA-Z0-9_.\-/]+$/.test(name)) {
    return "Parameter name must be a fully qualified name or a name that consists of only the following symbols and letters: a-zA-Z0-9_.-/";
  }
  if (name.includes("/") && !name.startsWith("/"))
    return `Parameter name: must be fully qualified: begin with a slash, as in /${name}`;
  if (/^\/?(aws|ssm)/i.test(name)) return `No access to reserved parameter name: ${name}.`;
  if (name.split("/").length > 16) return "Parameter name hierarchies can have at most 15 levels.";
  return name.length > 1011 ? "Parameter name can be at most 1011 characters long." : undefined;
}

/** Splits `name:3` or `name:label` (name may be an ARN); the selector is undefined where there is none. */
export function splitSelector(text: string): { readonly name: string; readonly selector: string | undefined } {
  const name = /^arn:[^:]+:ssm:[^:]*:\d*:parameter(?<path>\/.*)$/.exec(text)?.groups?.["path"] ?? text;
  const at = name.indexOf(":");
  return at < 0 ? { name, selector: undefined } : { name: name.slice(0, at), selector: name.slice(at + 1) };
}

/** Whether a label may be given. @see https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-labels.html */
export function isValidLabel(label: string): boolean {
  return /^[a-zA-Z0-9_.-]{1,100}$/.test(label) && !/^(\d|aws|ssm)/i.test(label);
}

/** Whether `name` lies under the path: directly, or at any depth with `recursive`. */
export function isUnder(path: string, name: string, recursive: boolean): boolean {
  const folder = path.endsWith("/") ? path : `${path}/`;
  return name.startsWith(folder) && (recursive || !name.slice(folder.length).includes("/"));
}
