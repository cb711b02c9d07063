import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const project = fileURLToPath(new URL("../../", import.meta.url));
const main = join(project, "packages", "trysail", "bin", "trysail.js");

export interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunningCommand {
  readonly ended: Promise<Result>;
  /** Resolves when the text has been printed. */
  prints(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

/** The built command line, for a user whose home is `home` and who means the Trysail of `data`. */
export function commandLine({ home, data }: { readonly home: string; readonly data: string }) {
  const start = (args: readonly string[], environment: Readonly<Record<string, string>> = {}): RunningCommand => {
    const child = spawn(process.execPath, [main, ...args], {
      cwd: project,
      env: { PATH: process.env["PATH"], HOME: home, TRYSAIL_DATA: data, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (out += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (err += chunk));
    const prints = (text: string) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (out.includes(text)) resolve();
        };
        look();
        child.stdout.on("data", look);
      });
    const ended = new Promise<Result>((resolve) => {
      child.once("close", (code) => resolve({ code, out, err }));
    });
    return { ended, prints, kill: (signal) => child.kill(signal) };
  };
  const run = (...args: string[]) => start(args).ended;
  return {
    start,
    run,
    up: () => run("up", "--port", "0", "--detach", "--json"),
    /** What a command prints with `--json`. */
    json: async (...args: string[]): Promise<unknown> => {
      const { out, err } = await run(...args, "--json");
      if (out === "") throw new Error(err);
      return JSON.parse(out);
    },
  };
}
