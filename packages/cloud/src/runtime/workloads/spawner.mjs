// A small process of its own that starts workloads: to start one holds up a process in proportion to its memory, and
// Trysail's may be large. It is plain JavaScript because it is run as it is, from the sources as from a package.
//
// Its messages are in spawner.ts. Its argument is a folder of its own, in the file system of what it starts.
import { execFile, execFileSync, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

/** So many workloads are started before anything else gets its turn. */
const startsPerTurn = 16;
/** So many named pipes are kept ready: to have one made takes as long as to start a workload. */
const sparesKept = 16;
/** They are made when nothing was started for so long: making them holds up a start as much as another start does. */
const quietMs = 50;

const [spareFolder] = process.argv.slice(2);
rmSync(spareFolder, { recursive: true, force: true });
mkdirSync(spareFolder, { recursive: true, mode: 0o700 });
const spares = [];
let sparesMade = 0;
let isMakingSpares = false;
let whenQuiet;

const waiting = [];

process.on("message", (message) => {
  if (waiting.push(message) === 1) setImmediate(takeSome);
});
// Trysail is gone, or has no further need. The workloads go on.
process.on("disconnect", () => process.exit());

function takeSome() {
  clearTimeout(whenQuiet);
  const messages = waiting.splice(0, startsPerTurn);
  let failure;
  try {
    const missing = messages.filter(({ life }) => life !== undefined).length - spares.length;
    // As many as are kept, since so many are made as quickly as one is.
    if (missing > 0) makeSparesNow(Math.max(missing, sparesKept));
  } catch (error) {
    failure = error;
  }
  for (const message of messages) {
    if (failure !== undefined && message.life !== undefined) reply(message, { error: described(failure) });
    else run(message);
  }
  if (waiting.length > 0) setImmediate(takeSome);
  else if (spares.length <= sparesKept / 2) whenQuiet = setTimeout(makeSpares, quietMs);
}

const newSpares = (count) => Array.from({ length: count }, () => join(spareFolder, String(sparesMade++)));

function makeSparesNow(count) {
  const made = newSpares(count);
  execFileSync("mkfifo", ["-m", "600", ...made], { stdio: ["ignore", "ignore", "pipe"] });
  spares.push(...made);
}

function makeSpares() {
  if (isMakingSpares) return;
  isMakingSpares = true;
  const made = newSpares(sparesKept - spares.length);
  execFile("mkfifo", ["-m", "600", ...made], (error) => {
    isMakingSpares = false;
    // Who needs one that could not be made is told why.
    if (error === null) spares.push(...made);
  });
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
    if (life !== undefined) renameSync(spares.shift(), life);
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
