import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Exit, Processes } from "../../../runtime/processes.ts";
import { frameReader } from "./frames.ts";
import type { Frame } from "./frames.ts";

/**
 * The driver of a build's shell: reads what to do line by line, and tells how it went. It is the same text for every
 * build; the user's commands are files that it sources, so that `cd`, `export` and functions last.
 *
 * A command that ends the shell (`exit`, or a failure under `set -e`) meets the trap, which tells of it and starts the
 * driver anew in the same process: folder and exported variables stay.
 *
 * Its own descriptors: bash leaves them open at high numbers. Another shell knows only single digits, which a command
 * may want for itself; there they are closed while a command runs, and the shell restores them.
 */
function driver(control: number, report: number, hidden: string): string {
  return `__trysail_shell=$1
__trysail_nonce=$2
__trysail_folder=$3
[ "\${4-}" = resumed ] || exec ${control}<&0 ${report}>&1 2>&1 </dev/null
trap '{ printf "\\036%s exit %s %s\\036" "$__trysail_nonce" "$?" "$__trysail_nonce" >&${report}; trap - EXIT; } 2>/dev/null; exec "$__trysail_shell" "$0" "$__trysail_shell" "$__trysail_nonce" "$__trysail_folder" resumed ${control}<&${control} ${report}>&${report}' EXIT
while IFS=' ' read -r __trysail_verb __trysail_argument <&${control}; do
  case $__trysail_verb in
    run) . "$__trysail_folder/$__trysail_argument" ${hidden}
      { printf '\\036%s exit %s %s\\036' "$__trysail_nonce" "$?" "$__trysail_nonce" >&${report}; } 2>/dev/null ;;
    isolate) ( trap - EXIT; . "$__trysail_folder/$__trysail_argument" ) ${hidden}
      { printf '\\036%s exit %s %s\\036' "$__trysail_nonce" "$?" "$__trysail_nonce" >&${report}; } 2>/dev/null ;;
    value) { eval "printf '\\\\036%s value %s %s\\\\036' \\"\\$__trysail_nonce\\" \\"\\\${$__trysail_argument-}\\" \\"\\$__trysail_nonce\\"" >&${report}; } 2>/dev/null ;;
    failing) { export CODEBUILD_BUILD_SUCCEEDING=0; } 2>/dev/null ;;
    end) break ;;
  esac
done
trap - EXIT
`;
}

const choice = `if [ -n "\${BASH_VERSION-}" ]; then . "$3/driver-bash"; else . "$3/driver-posix"; fi
`;

/** How a command ended. */
export type CommandExit = { readonly code: number } | { readonly signal: NodeJS.Signals };

/** One shell that runs a build's commands, one after another. */
export interface Shell {
  /**
   * Runs a command. `shares`: in the shell itself, so that it leaves folder and variables to the next one; otherwise
   * in a shell of its own.
   */
  run(command: string, shares: boolean): Promise<CommandExit>;
  /** The value of a variable, empty if it has none. @param name - letters, digits and `_` */
  value(name: string): Promise<string>;
  /** Tells the commands that follow that the build is failing. */
  failing(): void;
  /** Lets the shell end. */
  end(): void;
}

/**
 * @param folder - private to the build: the driver and the commands are written here
 * @param onText - what the commands write, both of their streams in order
 */
export async function openShell(parts: {
  readonly processes: Processes;
  readonly treeId: string;
  readonly command: "bash" | "sh";
  readonly nonce: string;
  readonly folder: string;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** No shell is started once it is aborted. */
  readonly signal: AbortSignal;
  readonly onText: (chunk: Buffer) => void;
}): Promise<Shell> {
  const { processes, treeId, command, nonce, folder, cwd, onText } = parts;
  const path = join(folder, "driver");
  await Promise.all([
    writeFile(path, choice),
    writeFile(`${path}-bash`, driver(198, 199, "")),
    writeFile(`${path}-posix`, driver(8, 9, "8<&- 9>&-")),
  ]);

  let succeeding = true;
  let commands = 0;
  let waiting: ((answer: Frame | Exit) => void) | undefined;
  const answer = (told: Frame | Exit) => {
    const waited = waiting;
    waiting = undefined;
    waited?.(told);
  };

  const start = async () => {
    const reader = frameReader(nonce, { text: onText, frame: answer });
    parts.signal.throwIfAborted();
    const running = await processes.start({
      treeId,
      command,
      args: [path, command, nonce, folder],
      cwd,
      environment: { ...parts.environment, ...(!succeeding && { CODEBUILD_BUILD_SUCCEEDING: "0" }) },
      hasInput: true,
      onOutput: (chunk) => reader.push(chunk),
    });
    void running.exited.then((exit) => {
      reader.end();
      live = undefined;
      answer(exit);
    });
    return running;
  };
  let live: Awaited<ReturnType<typeof start>> | undefined = await start();

  const ask = async (line: string): Promise<Frame | Exit> => {
    // A command may have taken the trap away and ended the shell: the next one gets a new one.
    live ??= await start();
    const answered = new Promise<Frame | Exit>((resolve) => {
      waiting = resolve;
    });
    live.write(`${line}\n`);
    return answered;
  };

  return {
    async run(text, shares) {
      commands += 1;
      const file = `command-${commands}.sh`;
      await writeFile(join(folder, file), text.endsWith("\n") ? text : `${text}\n`);
      const told = await ask(`${shares ? "run" : "isolate"} ${file}`);
      if ("verb" in told) return { code: Number(told.value) };
      return told.signal === undefined ? { code: told.code ?? 0 } : { signal: told.signal };
    },
    async value(name) {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new Error(`not the name of a variable: ${name}`);
      const told = await ask(`value ${name}`);
      return "verb" in told ? told.value : "";
    },
    failing() {
      succeeding = false;
      live?.write("failing\n");
    },
    end() {
      live?.write("end\n");
    },
  };
}
