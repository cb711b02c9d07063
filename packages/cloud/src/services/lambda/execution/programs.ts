import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TrysailError } from "@trysail/core";
import type { Host } from "../../../kernel/host.ts";

/** Runtimes that functions may have, by the program that runs them. */
const runtimes = {
  node: ["nodejs18.x", "nodejs20.x", "nodejs22.x", "nodejs24.x"],
  python: ["python3.8", "python3.9", "python3.10", "python3.11", "python3.12", "python3.13", "python3.14"],
  provided: ["provided.al2", "provided.al2023"],
} as const;

export type Language = keyof typeof runtimes;

/** The kind of a runtime; undefined for one that Trysail does not run. */
export function languageOf(runtime: string): Language | undefined {
  return (Object.keys(runtimes) as Language[]).find((language) =>
    (runtimes[language] as readonly string[]).includes(runtime),
  );
}

/** How an environment's program is started. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** What the log calls it: `nodejs:20.20.2`. */
  readonly title: string;
}

/** Where our runtime clients are: beside the built code, and beside its sources. */
const bundled = new URL(/\/dist\/bundle\/[^/]*$/.test(import.meta.url) ? "../../" : "../../../../", import.meta.url);
const client = (file: string) => fileURLToPath(new URL(`runtimes/lambda/${file}`, bundled));

/**
 * The program of a function.
 *
 * @param task - the folder of its code
 * @param layers - the folder of its layers, if it has any
 * @throws TrysailError whose message a caller can be told
 */
export async function programOf(
  host: Host,
  runtime: string,
  task: string,
  layers: string | undefined,
): Promise<Program> {
  const language = languageOf(runtime);
  switch (language) {
    case "node":
      // Trysail itself runs on a Node that fits.
      return { command: process.execPath, args: [client("bootstrap.cjs")], title: `nodejs:${process.versions.node}` };
    case "python": {
      const python = await findPython(host);
      return { command: python.path, args: [client("bootstrap.py")], title: `python:${python.version}` };
    }
    case "provided":
      return { command: await findBootstrap(task, layers), args: [], title: runtime };
    case undefined:
      throw new TrysailError("no-such-runtime", `Trysail does not run ${runtime}.`);
  }
}

async function findBootstrap(task: string, layers: string | undefined): Promise<string> {
  const candidates = [task, ...(layers === undefined ? [] : [layers])].map((folder) => join(folder, "bootstrap"));
  for (const path of candidates) {
    const isRunnable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isRunnable) return path;
  }
  throw new TrysailError("no-bootstrap", "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]", {
    fault: "user",
  });
}

interface Python {
  readonly path: string;
  readonly version: string;
}

const pythons = new WeakMap<Host, Promise<Python>>();

/** The host's Python: the interpreter itself, where `python3` is a script of a version manager's. Looked for once. */
function findPython(host: Host): Promise<Python> {
  let found = pythons.get(host);
  if (found === undefined) {
    found = askPython(host);
    pythons.set(host, found);
    // It may be installed meanwhile.
    found.catch(() => pythons.delete(host));
  }
  return found;
}

async function askPython(host: Host): Promise<Python> {
  const missing = (cause?: unknown) =>
    new TrysailError(
      "no-python",
      "There is no python3 on this machine's PATH, which Trysail runs python functions with. Install Python 3 and start Trysail again.",
      { fault: "user", cause },
    );
  const chunks: Buffer[] = [];
  try {
    const asked = await host.processes.start({
      treeId: "lambda/python",
      command: "python3",
      args: ["-c", "import sys, platform; print(sys.executable); print(platform.python_version())"],
      cwd: "/",
      environment: Object.fromEntries(
        Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
      ),
      onOutput: (chunk) => chunks.push(chunk),
    });
    const { code } = await asked.exited;
    const [path = "", version = ""] = Buffer.concat(chunks).toString().split("\n");
    if (code !== 0 || path === "") throw missing();
    return { path, version };
  } catch (error) {
    throw error instanceof TrysailError && error.code === "command-not-found" ? missing(error) : error;
  }
}
