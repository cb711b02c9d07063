import { describe, expect, it } from "vitest";
import { openBuildLog } from "./build-log.ts";

describe("a build's log", () => {
  const collect = () => {
    const lines: string[] = [];
    const batches: number[] = [];
    const faults: unknown[] = [];
    const log = openBuildLog({
      now: () => Date.UTC(2026, 0, 1),
      sinks: [
        async (batch) => {
          batches.push(batch.length);
          lines.push(...batch.map(({ message }) => message));
        },
        async () => {
          throw new Error("no room");
        },
      ],
      onFault: (error) => faults.push(error),
    });
    return { log, lines, batches, faults };
  };

  it("has CodeBuild's lines and the commands', however these are cut", async () => {
    const { log, lines, batches, faults } = collect();
    log.container("Entering phase BUILD");
    for (const part of ["on", "e\ntw", "o\r\n", "open"]) log.output(Buffer.from(part));
    log.container("Phase complete: BUILD State: SUCCEEDED");
    await log.drain();
    expect(lines).toEqual([
      "[Container] 2026/01/01 00:00:00.000000 Entering phase BUILD\n",
      "one\n",
      "two\n",
      "open\n",
      "[Container] 2026/01/01 00:00:00.000000 Phase complete: BUILD State: SUCCEEDED\n",
    ]);
    expect(batches).toEqual([5]);
    expect(faults).toHaveLength(1);
  });

  it("shows no secret, also where it has several lines or is part of another", async () => {
    const { log, lines } = collect();
    log.hide("abc");
    log.hide("abcdef");
    log.hide("-----BEGIN KEY-----\nMIIEow\n-----END KEY-----\n");
    log.output(Buffer.from("abcdef abc xabcx\nMIIEow\n"));
    await log.drain();
    expect(lines).toEqual(["*** *** x***x\n", "***\n"]);
  });

  it("cuts a line that is longer than an event may be", async () => {
    const { log, lines } = collect();
    log.output(Buffer.from(`${"x".repeat(450_000)}\nend`));
    await log.drain();
    expect(lines.map(({ length }) => length)).toEqual([200_001, 200_001, 50_001, 4]);
  });
});
