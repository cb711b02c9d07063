import { TrysailError } from "@trysail/core";

/** In the environment of a version's user data, and of its tasks. */
export type VersionEnvironment = Readonly<Record<`TRYSAIL_${string}`, string>>;

/**
 * User data in whose environment a version is told, so that one launch template serves all versions. Shell scripts only:
 * anything else has no environment.
 *
 * @param original - base64, as launch templates have it; undefined if there is none
 * @returns base64
 * @throws TrysailError `user-data-no-script` (fault: user)
 */
export function userDataOf(original: string | undefined, environment: VersionEnvironment): string {
  const script = Buffer.from(original ?? "", "base64").toString("utf8");
  const [, shebang, rest] = /^(#![^\n]*[/ ](?:ba|da|a)?sh(?:[ \t][^\n]*)?\n)([^]*)$/.exec(script) ?? [];
  if (shebang === undefined || rest === undefined)
    throw new TrysailError(
      "user-data-no-script",
      "The launch template's user data is no shell script: it must begin with #!/bin/bash or #!/bin/sh.",
      { fault: "user", next: "Versions are told to it in its environment, as TRYSAIL_ARTIFACT and TRYSAIL_VERSION." },
    );
  const lines = Object.entries(environment).map(([name, value]) => `export ${name}=${quoted(value)}\n`);
  return Buffer.from(`${shebang}${lines.join("")}${rest}`).toString("base64");
}

/** For a POSIX shell, whatever is in it. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
