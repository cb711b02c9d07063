import { hasDependencies } from "./dependencies.mjs";
import { need, tool } from "./run.mjs";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

/** Makes a clone ready: installs what the lock file asks for, and builds what has changed. */
export async function prepare() {
  if (major < 20 || (major === 20 && minor < 19)) {
    process.stderr.write(`Trysail needs Node 20.19 or later; this is ${process.versions.node}.\n`);
    process.exit(1);
  }
  if (!(await hasDependencies())) {
    process.stderr.write("Installing the dependencies (npm ci).\n");
    await need("npm", ["ci", "--no-audit", "--no-fund"]);
  }
  await need("npm", ["run", "--silent", "build:schemas", "--workspace", "@trysail/cloud"]);
  await need(tool("tsc"), ["-b"]);
  // One file in place of hundreds: reading them is most of what a start takes.
  await need("npm", ["run", "--silent", "build:bundle", "--workspace", "@trysail/cloud"]);
}

/** Checks the types of sources, tests and benchmarks. */
export async function checkTypes() {
  await need(tool("tsc"), ["-p", "tsconfig.test.json"]);
}
