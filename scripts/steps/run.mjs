import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** A program of the project's dependencies, as a command for {@link run}. */
export function tool(/** @type {string} */ name) {
  return `${root}node_modules/.bin/${name}`;
}

/**
 * Runs a program in the project's folder, in this terminal.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [environment]
 * @returns {Promise<number>} its exit code; 128 and more where a signal ended it
 */
export function run(command, args, environment = process.env) {
  return new Promise((resolve, reject) => {
    // The terminal sends Ctrl-C to the child as well. What is sent to us alone is passed on.
    const outlive = () => {};
    const passOn = () => child.kill("SIGTERM");
    process.on("SIGINT", outlive);
    process.on("SIGTERM", passOn);
    const child = spawn(command, args, { cwd: root, stdio: "inherit", env: environment });
    child.once("error", reject);
    child.once("exit", (code) => {
      process.off("SIGINT", outlive);
      process.off("SIGTERM", passOn);
      resolve(code ?? 130);
    });
  });
}

/**
 * Runs a program that the rest needs: where it fails, this process ends with its exit code.
 *
 * @param {string} command
 * @param {readonly string[]} args
 */
export async function need(command, args) {
  const code = await run(command, args);
  if (code !== 0) process.exit(code);
}
