import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readSpec, requireSpec, specSummary } from "./read-spec.ts";
import { spec } from "./rollout.test-kit.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "trysail-spec-"));
});
afterAll(() => rm(folder, { recursive: true }));

it("tells all mistakes with the file and the line", async () => {
  const file = join(folder, "rollout.yaml");
  await writeFile(file, "cluster: 7\nwaves: []\n");
  const read = await readSpec(file);
  if (read.kind === "right") expect.fail();
  expect(read.mistakes.length).toBeGreaterThan(1);
  for (const mistake of read.mistakes) expect(mistake).toMatch(/rollout\.yaml:[12]:\d+ /);
  await expect(requireSpec(file)).rejects.toMatchObject({ code: "invalid-rollout", message: read.mistakes.join("\n") });
});

it("says which file is not there", async () => {
  const file = join(folder, "nothing.yaml");
  await expect(readSpec(file)).rejects.toThrow(`There is no file ${file}.`);
});

it("tells a spec in one line", () => {
  expect(specSummary(spec)).toBe(
    "playback-prod; us-west-2, then us-east-1 and eu-west-1; rolling red/black (50, 100 %); canary in us-west-2",
  );
  const other = {
    ...spec,
    strategy: { ...spec.strategy, type: "highlander" } as const,
    canary: undefined,
    alarms: ["a", "b"],
  };
  expect(specSummary(other)).toBe("playback-prod; us-west-2, then us-east-1 and eu-west-1; highlander; 2 alarms");
});
