import type { CommandPhase } from "../buildspec/types.ts";
import { PhaseProblem } from "./problem.ts";
import { prepared } from "./run.ts";
import type { Run } from "./run.ts";
import type { CommandExit } from "./shell.ts";

/** A long command is told of by its beginning only. */
const longestShown = 1000;

const reasonOf = (exit: CommandExit) => ("code" in exit ? `exit status ${exit.code}` : `signal: ${exit.signal}`);
const succeeded = (exit: CommandExit) => "code" in exit && exit.code === 0;

/**
 * Runs the commands of a phase: the first that fails skips the rest; those of `finally` run in any case.
 *
 * @throws PhaseProblem `COMMAND_EXECUTION_ERROR` with the command that failed first
 */
export async function runCommands(run: Run, phase: CommandPhase): Promise<void> {
  const { log } = run;
  const { buildspec, shell } = prepared(run);
  const spec = buildspec.phases[phase];
  if (spec === undefined) return;
  let failure: string | undefined;
  const runAll = async (commands: readonly string[]) => {
    for (const command of commands) {
      log.container(`Running command ${command.trimEnd()}`);
      const exit = await shell.run(command, buildspec.version === "0.2");
      log.endLine();
      if (succeeded(exit)) continue;
      log.container(`Command did not exit successfully ${command.trimEnd()} ${reasonOf(exit)}`);
      const shown = command.length > longestShown ? `${command.slice(0, longestShown)}…` : command.trimEnd();
      failure ??= `Error while executing command: ${shown}. Reason: ${reasonOf(exit)}`;
      return;
    }
  };
  await runAll(spec.commands);
  if (spec.finally.length > 0) {
    if (failure !== undefined) shell.failing();
    log.container("Running finally commands");
    await runAll(spec.finally);
  }
  if (failure !== undefined) throw new PhaseProblem("COMMAND_EXECUTION_ERROR", failure);
}
