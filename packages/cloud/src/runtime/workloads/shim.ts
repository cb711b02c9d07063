import { constants } from "node:os";
import type { Exit } from "../processes.ts";

/**
 * Runs a program and writes down how it ended, whether or not Trysail is there then. It is the leader of a session, and
 * its file descriptor 3 is the workload's life: held open by it alone, so that its end tells. A shell would write of a
 * killed program into the program's own output.
 *
 * Its arguments: the folder for what it writes, control groups to join, `--`, and the program.
 */
const script = `folder=$1; shift
while [ "$1" != -- ]; do echo 0 >"$1" || exit; shift; done; shift
"$@" 3>&- &
program=$!
exec >/dev/null 2>&1
trap '' HUP INT TERM
echo "$$ $program" >"$folder/pid"
echo "$$ $program" >&3
wait $program
echo $? >"$folder/exit"`;

export interface ShimSpec {
  readonly folder: string;
  /** Files to write a `0` to: the `cgroup.procs` of the groups. */
  readonly joins: readonly string[];
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** The command and arguments that run a program in a shim. */
export function shimmed({ folder, joins, command, args, environment }: ShimSpec): {
  readonly command: string;
  readonly args: readonly string[];
} {
  return {
    command: "/bin/sh",
    args: ["-c", script, "trysail-workload", folder, ...joins, "--", ...lostOnShells(environment), command, ...args],
  };
}

/** A shell drops variables whose names it could not use itself, such as `server.port`: `env` sets them again. */
function lostOnShells(environment: Readonly<Record<string, string>>): string[] {
  const lost = Object.entries(environment).filter(([name]) => !/^[A-Za-z_]\w*$/.test(name));
  return lost.length === 0 ? [] : ["/usr/bin/env", ...lost.map(([name, value]) => `${name}=${value}`)];
}

/** Reads what a shim wrote of its program's end: a shell tells a signal as 128 more than its number. */
export function parseExit(text: string): Exit {
  if (!/^\d+\n$/.test(text)) return {};
  const code = Number(text);
  const signal = signalOf(code - 128);
  return signal === undefined ? { code } : { signal };
}

function signalOf(number: number): NodeJS.Signals | undefined {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found?.[0] as NodeJS.Signals | undefined;
}
