import type { Millis } from "@trysail/core";

/** A secret without its values. */
export interface Secret {
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  readonly kmsKeyId: string | undefined;
  readonly createdAt: Millis;
  readonly changedAt: Millis;
  readonly tags: Readonly<Record<string, string>>;
  readonly resourcePolicy: string | undefined;
  /** Set while the secret is marked for deletion. */
  readonly deletion: { readonly markedAt: Millis; readonly dueAt: Millis } | undefined;
}

export interface SecretValue {
  readonly text?: string;
  readonly binary?: Uint8Array;
}

/** One version of a secret's value. A version that has no stage is deprecated, and may be removed. */
export interface Version extends SecretValue {
  readonly id: string;
  readonly createdAt: Millis;
  readonly stages: readonly string[];
}

export const current = "AWSCURRENT";
export const previous = "AWSPREVIOUS";

/** Deprecated versions are kept up to this many. @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html */
const versionsKept = 100;

export function sameValue(a: SecretValue, b: SecretValue): boolean {
  return a.text === b.text && Buffer.compare(a.binary ?? new Uint8Array(), b.binary ?? new Uint8Array()) === 0;
}

/**
 * Moves a stage to one version (`to`) away from whichever has it; with `to` undefined, takes it away. When AWSCURRENT
 * moves, AWSPREVIOUS follows to the version that it leaves.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
 */
export function moveStage(versions: readonly Version[], stage: string, to: string | undefined): Version[] {
  const from = versions.find(({ stages }) => stages.includes(stage))?.id;
  if (from === to) return [...versions];
  const moved = versions.map((version) => {
    const others = version.stages.filter((own) => own !== stage);
    return { ...version, stages: version.id === to ? [...others, stage] : others };
  });
  return stage === current && from !== undefined ? moveStage(moved, previous, from) : moved;
}

/**
 * Adds a version and gives it these stages. Of the deprecated versions, the oldest beyond {@link versionsKept} are dropped.
 */
export function addVersion(
  versions: readonly Version[],
  added: Omit<Version, "stages">,
  stages: readonly string[],
): Version[] {
  const all = stages.reduce<Version[]>(
    (list, stage) => moveStage(list, stage, added.id),
    [...versions, { ...added, stages: [] }],
  );
  const deprecated = all.filter((version) => version.stages.length === 0).toSorted((a, b) => b.createdAt - a.createdAt);
  const dropped = new Set(deprecated.slice(versionsKept).map(({ id }) => id));
  return all.filter(({ id }) => !dropped.has(id));
}

/** The name within an ARN, without its random suffix where there is one; a name is given back as it is. */
export function nameCandidates(secretId: string): readonly string[] {
  const name = /^arn:[^:]+:secretsmanager:[^:]*:\d{12}:secret:(?<name>.+)$/.exec(secretId)?.groups?.["name"];
  return name === undefined ? [secretId] : [name.replace(/-[A-Za-z0-9]{6}$/, ""), name];
}

const classes = {
  lower: "abcdefghijklmnopqrstuvwxyz",
  upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  digits: "0123456789",
  punctuation: "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
} as const;

/** The characters that a password may have: one string for each class that is asked for; empty ones are left out. */
export function passwordClasses(options: {
  readonly excludeLowercase: boolean;
  readonly excludeUppercase: boolean;
  readonly excludeNumbers: boolean;
  readonly excludePunctuation: boolean;
  readonly includeSpace: boolean;
  readonly excludeCharacters: string;
}): readonly string[] {
  const wanted = [
    options.excludeLowercase ? "" : classes.lower,
    options.excludeUppercase ? "" : classes.upper,
    options.excludeNumbers ? "" : classes.digits,
    options.excludePunctuation ? "" : classes.punctuation,
    options.includeSpace ? " " : "",
  ];
  return wanted
    .map((all) => [...all].filter((c) => !options.excludeCharacters.includes(c)).join(""))
    .filter((all) => all !== "");
}
