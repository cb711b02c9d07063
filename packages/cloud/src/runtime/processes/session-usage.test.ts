import { expect, it } from "vitest";
import { parsePsUsage, parseUsage, sessionUsages } from "./session-usage.ts";

it("reads what Linux tells of a process, whatever its name is", () => {
  const line =
    "42 (a) b (c) S 1 40 40 0 -1 4194560 900 0 0 0 150 50 20 5 20 0 1 0 123 1000000 250 18446744073709551615 1 1 0\n";
  expect(parseUsage(line, 4096)).toEqual({ session: 40, usage: { cpuMs: 2250, memoryBytes: 1_024_000 } });
});

it("adds what the processes of a session use, as ps tells it", () => {
  const told = parsePsUsage("  7   0:01.50  1000\n  7   1:00.00   24\n  8 1:00:00.00    1\nnonsense\n");
  expect([...told]).toEqual([
    [7, { cpuMs: 61_500, memoryBytes: 1024 * 1024 }],
    [8, { cpuMs: 3_600_000, memoryBytes: 1024 }],
  ]);
});

it("finds memory in use on this machine", async () => {
  const all = [...(await sessionUsages(process.platform)).values()];
  expect(all.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0)).toBeGreaterThan(2 ** 20);
});
