import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualClock } from "@trysail/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { styleOf } from "../terminal/terminal.ts";
import { followFile, lastLines } from "./follow-file.ts";
import { ownLogLine } from "./own-log-line.ts";
import { openOwnLog, ownLogFile } from "./own-log.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "trysail-own-log-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("writes what gathers, and the rest when it is closed; the last lines are read back, for people too", async () => {
  const clock = manualClock(Date.UTC(2026, 0, 1, 12));
  const { log, close } = await openOwnLog(folder, clock);
  log.info("one", { port: 1 });
  await clock.advance({ ms: 50 });
  log.error("two");
  log.debug("not worth a line");
  await close();
  const { lines } = await lastLines(ownLogFile(folder), 10);
  expect(lines.map((line) => ownLogLine(line, styleOf(false)))).toEqual([
    "12:00:00.000 one port=1",
    "12:00:00.050 two",
  ]);
  expect((await lastLines(ownLogFile(folder), 1)).lines).toHaveLength(1);
  expect(await lastLines(join(folder, "none"), 1)).toEqual({ lines: [], end: 0 });
});

it("is followed from where the last lines ended", async () => {
  const clock = manualClock();
  const { log, close } = await openOwnLog(folder, clock);
  log.info("old");
  await clock.advance({ seconds: 1 });
  log.info("new");
  await close();
  const { lines } = await lastLines(ownLogFile(folder), 10);
  const from = Buffer.byteLength(`${lines[0]}\n`);
  const followed = await followFile(ownLogFile(folder), from).next();
  expect(followed.value).toContain('"new"');
});
