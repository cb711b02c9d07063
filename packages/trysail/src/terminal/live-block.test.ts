import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { liveBlock } from "./live-block.ts";
import { styleOf } from "./terminal.ts";
import type { Terminal } from "./terminal.ts";

let written: string[];
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const listeners = () => signals.map((signal) => process.listenerCount(signal));

const terminal = (): Terminal => ({
  line: () => {},
  note: () => {},
  style: styleOf(false),
  isLive: true,
  columns: 10,
  rows: 10,
  raw: (text) => void written.push(text),
});

beforeEach(() => {
  written = [];
});
afterEach(() => {
  vi.restoreAllMocks();
});

it("draws anew over what it drew, and not where nothing has changed", () => {
  const block = liveBlock(terminal());
  block.draw(["one", "two"]);
  block.draw(["one", "two"]);
  block.draw(["a line that is too long"]);
  block.end();
  expect(written).toEqual([
    "\u001B[?25l\u001B[Jone\ntwo\n",
    "\u001B[?25l\u001B[2A\r\u001B[Ja line tha\n",
    "\u001B[?25h",
  ]);
});

it("shows the cursor again where a signal ends the process, and ends it so", () => {
  const kill = vi.spyOn(process, "kill").mockReturnValue(true);
  const before = listeners();
  const block = liveBlock(terminal());
  block.draw(["one"]);
  process.emit("SIGINT", "SIGINT");
  expect(written.at(-1)).toBe("\u001B[?25h");
  expect(listeners()).toEqual(before);
  // Where somebody else listens, it is theirs to end.
  expect(kill.mock.calls).toEqual(before[0] === 0 ? [[process.pid, "SIGINT"]] : []);
});

it("leaves no listener behind", () => {
  const before = listeners();
  const block = liveBlock(terminal());
  block.draw(["one"]);
  expect(listeners()).toEqual(before.map((count) => count + 1));
  block.end();
  block.draw(["two"]);
  block.erase();
  expect(listeners()).toEqual(before);
});
