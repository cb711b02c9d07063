/** Members that are numbers or booleans: a template may write them as texts. */
const numbers: ReadonlySet<string> = new Set([
  "TimeoutInMinutes",
  "QueuedTimeoutInMinutes",
  "ConcurrentBuildLimit",
  "AutoRetryLimit",
  "GitCloneDepth",
  "TimeoutInMins",
  "MaximumBuildsAllowed",
]);
const booleans: ReadonlySet<string> = new Set([
  "BadgeEnabled",
  "CombineArtifacts",
  "EncryptionDisabled",
  "FetchSubmodules",
  "InsecureSsl",
  "OverrideArtifactName",
  "PrivilegedMode",
  "ReportBuildStatus",
  "Webhook",
]);

/** Where the API's name is not the template's with a small letter. */
const renamed: Readonly<Record<string, string>> = { BuildSpec: "buildspec" };

/** A template's properties as the API's members: `Source.BuildSpec` is `source.buildspec`. */
export function toMembers(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => toMembers(item));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, own]) => [
        renamed[key] ?? `${(key[0] ?? "").toLowerCase()}${key.slice(1)}`,
        toMembers(own, key),
      ]),
    );
  }
  if (numbers.has(name)) return Number(value);
  if (booleans.has(name)) return value === true || value === "true";
  return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
}
