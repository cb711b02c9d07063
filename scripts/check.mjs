import { checkTypes, prepare } from "./steps/prepare.mjs";
import { root, run, tool } from "./steps/run.mjs";

// All of them run, so that one look shows everything that is to be mended.
await prepare();
await checkTypes();
/** @type {(readonly [name: string, command: string, args: string[]])[]} */
const steps = [
  ["Lint", tool("oxlint"), ["--type-aware"]],
  ["Format", tool("oxfmt"), ["--check"]],
  ["Unused code", tool("knip"), []],
  ["Generated pages", process.execPath, [`${root}scripts/docs.mjs`, "--check"]],
];
if (!process.argv.includes("--no-tests")) steps.push(["Tests", process.execPath, [`${root}scripts/test.mjs`]]);
const failed = [];
for (const [name, command, args] of steps) {
  process.stdout.write(`\n${name}\n`);
  if ((await run(command, args)) !== 0) failed.push(name);
}
process.stdout.write(failed.length === 0 ? "\nAll checks pass.\n" : `\nFailed: ${failed.join(", ")}.\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
