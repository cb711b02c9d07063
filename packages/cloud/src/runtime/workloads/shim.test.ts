import { describe, expect, it } from "vitest";
import { parseStarted } from "./life.ts";
import { lowestPortFrom } from "./lowest-port.ts";
import { parseExit } from "./shim.ts";

describe("a shim", () => {
  it("tells codes and signals apart, and knows nothing from a file that was cut off", () => {
    expect(parseExit("0\n")).toEqual({ code: 0 });
    expect(parseExit("127\n")).toEqual({ code: 127 });
    expect(parseExit("137\n")).toEqual({ signal: "SIGKILL" });
    expect(parseExit("143\n")).toEqual({ signal: "SIGTERM" });
    expect(parseExit("255\n")).toEqual({ code: 255 });
    expect(parseExit("13")).toEqual({});
    expect(parseExit("")).toEqual({});
  });

  it("tells which processes run only when it has said all of it", () => {
    expect(parseStarted("12 13\n")).toEqual({ shim: 12, program: 13 });
    expect(parseStarted("12 13")).toBeUndefined();
    expect(parseStarted("")).toBeUndefined();
  });
});

describe("the lowest port", () => {
  const none = "CapEff:\t0000000000000000\n";
  const all = "CapEff:\t000001fffeffffff\n";
  it.each([
    { isRoot: true, status: all, setting: "1024\n", lowest: 1 },
    { isRoot: true, status: none, setting: "1024\n", lowest: 1024 },
    { isRoot: false, status: all, setting: "1024\n", lowest: 1024 },
    { isRoot: false, status: none, setting: "80\n", lowest: 80 },
    { isRoot: false, status: none, setting: "0\n", lowest: 1 },
    { isRoot: false, status: "", setting: "", lowest: 1024 },
  ])("is $lowest for root: $isRoot, from $setting", ({ lowest, ...seen }) => {
    expect(lowestPortFrom(seen)).toBe(lowest);
  });
});
