import { readFile } from "node:fs/promises";
import { root } from "./run.mjs";

/**
 * @typedef {{ readonly version?: string, readonly link?: boolean, readonly optional?: boolean, readonly peer?: boolean }} LockedPackage
 * @typedef {{ readonly packages: Readonly<Record<string, LockedPackage>> }} Lock
 */

/**
 * Whether what is installed is what the lock file asks for. Optional packages are for some systems only.
 *
 * @param {Lock} wanted - package-lock.json
 * @param {Lock} installed - node_modules/.package-lock.json, which npm writes last
 */
export function isInstalled(wanted, installed) {
  return Object.entries(wanted.packages).every(([path, { version, link, optional }]) => {
    if (!path.startsWith("node_modules/") || optional === true) return true;
    const found = installed.packages[path];
    return found !== undefined && (link === true || found.version === version);
  });
}

/** Whether the project's dependencies are there, in the versions of the lock file. */
export async function hasDependencies() {
  const [wanted, installed] = await Promise.all([read("package-lock.json"), read("node_modules/.package-lock.json")]);
  return wanted !== undefined && installed !== undefined && isInstalled(wanted, installed);
}

/** @returns {Promise<Lock | undefined>} */
async function read(/** @type {string} */ path) {
  try {
    return JSON.parse(await readFile(`${root}${path}`, "utf8"));
  } catch {
    return undefined;
  }
}
