// A small process of its own that starts workloads: to start one holds up a process in proportion to its memory, and
// Trysail's may be large. It is plain JavaScript because it is run as it is, from the sources as from a package.
//
// Its messages are in spawner.ts.
import { execFileSync, spawn } from "node:child_process";
import { closeSync, openSync, rmSync } from "node:fs";

/** So many workloads are started before anything else gets its turn. */
const startsPerTurn = 16;

const waiting = [];

process.on("message", (message) => {
  if (waiting.push(message) === 1) setImmediate(takeSome);
});
// Trysail is gone, or has no further need. The workloads go on.
process.on("disconnect", () => process.exit());

function takeSome() {
  const messages = waiting.splice(0, startsPerTurn);
  const lives = messages.flatMap(({ life }) => (life === undefined ? [] : [life]));
  let failure;
  try {
    for (const life of lives) rmSync(life, { force: true });
    if (lives.length > 0) execFileSync("mkfifo", ["-m", "600", ...lives], { stdio: ["ignore", "ignore", "pipe"] });
  } catch (error) {
    failure = error;
  }
  for (const message of messages) {
    if (failure !== undefined && message.life !== undefined) reply(message, { error: described(failure) });
    else run(message);
  }
  if (waiting.length > 0) setImmediate(takeSome);
}

function run(message) {
  const { command, args, cwd, environment, output, life } = message;
  const opened = [];
  const open = (file, flags) => {
    const fd = openSync(file, flags, 0o600);
    opened.push(fd);
    return fd;
  };
  try {
    const out = open(output, "a");
    // Opened for both, since nobody may read it yet.
    const stdio = ["ignore", out, out, ...(life === undefined ? [] : [open(life, "r+")])];
    const child = spawn(command, args, { cwd, env: environment, detached: true, stdio });
    child.once("error", (error) => reply(message, { error: described(error) }));
    child.once("spawn", () => reply(message, { pid: child.pid }));
    if (message.tellsExit === true) {
      child.once("exit", (code, signal) => reply(message, { exit: signal === null ? { code } : { signal } }));
    }
  } catch (error) {
    reply(message, { error: described(error) });
  }
  for (const fd of opened) closeSync(fd);
}

function described(error) {
  return { code: error.code, message: error.message };
}

function reply({ id }, answer) {
  if (process.connected) process.send({ id, ...answer }, () => {});
}
