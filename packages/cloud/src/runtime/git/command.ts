import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { buffer } from "node:stream/consumers";
import type { Readable, Writable } from "node:stream";
import { TrysailError, codeOf } from "@trysail/core";
import { markPrefix } from "../processes/trees.ts";

/** A git process that is running, with its three streams. */
export interface GitProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** What it wrote to its error stream, in full, when it has ended. */
  readonly errors: Promise<string>;
  /** The exit code; undefined if a signal ended it. @throws TrysailError `git-missing` */
  readonly ended: Promise<number | undefined>;
  /** Ends it and the helpers that it has started. Does nothing if it has ended. */
  kill(): void;
}

export interface GitResult {
  readonly code: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface GitCallOptions {
  /** Added to the masked environment. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: Uint8Array | string;
}

/** The git command line, with nothing of the user's: no configuration, no hooks, no prompts, no shell. */
export interface Git {
  start(args: readonly string[], environment?: Readonly<Record<string, string>>): GitProcess;
  /** Runs to the end, whatever the exit code. */
  run(args: readonly string[], options?: GitCallOptions): Promise<GitResult>;
  /** Runs to the end. @throws TrysailError `git-failed` if the exit code is not 0 */
  output(args: readonly string[], options?: GitCallOptions): Promise<Buffer>;
  /** Ends every process that still runs, and resolves when none does. */
  close(): Promise<void>;
}

/** What git may learn of the machine: where programs are, how the network is reached, and the language of its messages. */
const inheritedVariables = [
  "PATH",
  "TMPDIR",
  "http_proxy",
  "https_proxy",
  "HTTPS_PROXY",
  "all_proxy",
  "ALL_PROXY",
  "no_proxy",
  "NO_PROXY",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "GIT_SSL_CAINFO",
];

/**
 * @param options.home - an existing folder of ours that git takes for the user's home
 * @param options.configFile - the only configuration that git reads beside a repository's own
 * @param options.environment - Trysail's own environment, of which a few variables are passed on: and those that mark
 *   processes of Trysail, by which what a killed one has left is found at the next start
 */
export function gitCommand(options: {
  readonly home: string;
  readonly configFile: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}): Git {
  const running = new Set<GitProcess>();
  const marks = Object.keys(options.environment).filter((name) => name.startsWith(markPrefix));
  const inherited = Object.fromEntries(
    [...inheritedVariables, ...marks].flatMap((name) =>
      options.environment[name] === undefined ? [] : [[name, options.environment[name]]],
    ),
  );
  const masked = {
    ...inherited,
    HOME: options.home,
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: options.configFile,
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    // A source that was never named by the user may not reach into the machine's files: fetches widen this themselves.
    GIT_ALLOW_PROTOCOL: "http:https",
  };

  const start: Git["start"] = (args, environment = {}) => {
    // A process group of its own, so that its helpers (index-pack, pack-objects) can be ended with it, and so that a
    // Ctrl-C meant for Trysail does not tear a push apart.
    const child = spawn("git", [...args], {
      cwd: options.home,
      env: { ...masked, ...environment },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    const started = processOf(child);
    running.add(started);
    const forget = () => running.delete(started);
    started.ended.then(forget, forget);
    return started;
  };

  const run: Git["run"] = async (args, call = {}) => {
    const child = start(args, call.environment);
    child.stdin.end(call.input ?? "");
    const [stdout, stderr, code] = await Promise.all([buffer(child.stdout), child.errors, child.ended]);
    return { code, stdout, stderr };
  };

  return {
    start,
    run,
    async output(args, call) {
      const result = await run(args, call);
      if (result.code === 0) return result.stdout;
      throw new TrysailError(
        "git-failed",
        `git ${commandOf(args)} failed: ${lastLine(result.stderr) ?? "it was ended by a signal"}`,
      );
    },
    async close() {
      const children = [...running];
      for (const child of children) child.kill();
      await Promise.allSettled(children.map((child) => child.ended));
    },
  };
}

function processOf(child: ChildProcessByStdio<Writable, Readable, Readable>): GitProcess {
  let over = false;
  const ended = new Promise<number | undefined>((resolve, reject) => {
    child.once("error", (error) => {
      over = true;
      reject(codeOf(error) === "ENOENT" ? gitMissing(error) : error);
    });
    child.once("exit", (code) => {
      over = true;
      resolve(code ?? undefined);
    });
  });
  // Whoever waits for it sees the rejection; without this line one that nobody waits for would end Trysail.
  ended.catch(() => {});
  // git may end before it has read all of its input; its exit code tells what went wrong, not the broken pipe.
  child.stdin.on("error", () => {});
  const errors = buffer(child.stderr).then(
    (bytes) => bytes.toString("utf8"),
    () => "",
  );
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    errors,
    ended,
    kill() {
      if (over || child.pid === undefined) return;
      try {
        process.kill(-child.pid, "SIGTERM");
      } catch (error) {
        if (codeOf(error) !== "ESRCH") throw error;
      }
    },
  };
}

function gitMissing(cause: Error): TrysailError {
  return new TrysailError("git-missing", "Git is not installed, or not on the PATH.", {
    fault: "user",
    next: "Install it (Debian and Ubuntu: apt install git; Fedora: dnf install git; macOS: xcode-select --install), then try again.",
    cause,
  });
}

/** The subcommand of git's arguments, for messages: options before it may hold paths. */
function commandOf(args: readonly string[]): string {
  return args.find((arg) => !arg.startsWith("-")) ?? "";
}

/** The last line that says something, without git's own prefixes. */
export function lastLine(text: string): string | undefined {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.findLast((line) => line !== "")?.replace(/^(fatal|error): /, "");
}
