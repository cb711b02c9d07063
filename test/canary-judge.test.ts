import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { exactShift } from "../packages/delivery/src/judge/exact-shift.ts";
import { toGrid } from "../packages/delivery/src/judge/grid.ts";
import { mannWhitneyShift } from "../packages/delivery/src/judge/mann-whitney.ts";
import { gaussian } from "../packages/delivery/src/judge/random.ts";
import { seededRandom } from "../packages/delivery/src/judge/random.test-kit.ts";
import { hasTool } from "./support/tools.ts";

/** Reads "confidence;x,…;y,…" a line, and writes what R finds. */
const script = `
for (line in readLines(file("stdin"))) {
  parts <- strsplit(line, ";")[[1]]
  of <- function(text) as.numeric(strsplit(text, ",")[[1]])
  found <- suppressWarnings(wilcox.test(of(parts[2]), of(parts[3]), conf.int = TRUE, exact = FALSE,
    conf.level = as.numeric(parts[1])))
  cat(sprintf("%.17g,%.17g,%.17g\\n", found$conf.int[1], found$conf.int[2], found$estimate))
}`;

it.skipIf(!hasTool("Rscript"))("the canary judge's test finds what R's wilcox.test finds", () => {
  const random = seededRandom(42);
  const sample = (shift: number, unit: number) =>
    Array.from({ length: 30 + Math.floor(random() * 40) }, () => {
      const value = 10 + shift + gaussian(random);
      return unit === 0 ? value : Math.round(value / unit) * unit;
    });
  // Values as they are, and rounded, so that there are ties.
  const series = Array.from({ length: 60 }, (_, index) => {
    const unit = [0, 0.25, 1][index % 3]!;
    return { confidence: [0.95, 0.98][index % 2]!, x: sample(random() * 2, unit), y: sample(0, unit), unit };
  });
  const input = series.map(({ confidence, x, y }) => `${confidence};${x.join(",")};${y.join(",")}\n`).join("");
  const { stdout, stderr } = spawnSync("Rscript", ["-e", script], { input, encoding: "utf8" });
  const lines = stdout.trim().split("\n");
  expect(lines, stderr).toHaveLength(series.length);
  for (const [index, { confidence, x, y, unit }] of series.entries()) {
    const [low, high, estimate] = lines[index]!.split(",").map(Number) as [number, number, number];
    const shift = mannWhitneyShift(x, y, confidence);
    expect(shift.low).toBeCloseTo(low, 9);
    expect(shift.high).toBeCloseTo(high, 9);
    // R leaves out the correction for continuity for the estimate, and Kayenta does not.
    expect(Math.abs(shift.estimate - estimate)).toBeLessThan(0.05);
    // What is found by counting is what the search comes close to: to its tolerance, and to the next difference.
    const { canary, baseline, step } = toGrid(x, y);
    const exact = exactShift(canary, baseline, confidence);
    expect(Math.abs(exact.low * step - low)).toBeLessThan(2e-4);
    expect(Math.abs(exact.high * step - high)).toBeLessThan(2e-4);
    if (unit === 0) expect(Math.abs(exact.estimate * step - estimate)).toBeLessThan(0.05);
  }
});
