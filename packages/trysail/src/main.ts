import { isatty } from "node:tty";
import { CommanderError } from "commander";
import { exitCodes } from "./exit-codes.ts";
import { failureOf } from "./failure.ts";
import { createProgram } from "./program.ts";
import { styleOf, wantsColours } from "./terminal/terminal.ts";

// `trysail … | head` closes the pipe early: that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(exitCodes.ok);
  throw error;
});

try {
  const program = createProgram((exitCode) => {
    process.exitCode = exitCode;
  });
  await program.parseAsync();
} catch (thrown) {
  // Commander has told of it already: a mistake, or the help that was asked for.
  process.exitCode =
    thrown instanceof CommanderError ? (thrown.exitCode === 0 ? exitCodes.ok : exitCodes.usage) : tell(thrown);
}

function tell(thrown: unknown): number {
  const { code, message, next, exitCode } = failureOf(thrown);
  if (process.argv.includes("--json")) {
    process.stderr.write(`${JSON.stringify({ error: { code, message, next } })}\n`);
  } else {
    const style = styleOf(wantsColours(process.env, isatty(2)));
    process.stderr.write(`${style.red("trysail:")} ${message}\n${next === undefined ? "" : `${next}\n`}`);
  }
  return exitCode;
}
