import { spawnSync } from "node:child_process";

/** How to get a program that some suites need. */
const howToInstall = {
  aws: "Debian: apt-get install awscli. Elsewhere: https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
  Rscript: "Debian: apt-get install r-base-core. Elsewhere: https://www.r-project.org",
} as const;

/**
 * Whether a suite that needs the program may run. Where it is missing the suite is skipped, and says so with how to
 * install it; where nothing may be skipped (`TRYSAIL_TEST_REQUIRE_ALL=1`), that fails.
 */
export function hasTool(name: keyof typeof howToInstall): boolean {
  if (spawnSync(name, ["--version"]).status === 0) return true;
  const advice = `The program "${name}" is missing. ${howToInstall[name]}`;
  if (process.env["TRYSAIL_TEST_REQUIRE_ALL"] === "1") throw new Error(advice);
  process.stderr.write(`Skipped: ${advice}\n`);
  return false;
}
