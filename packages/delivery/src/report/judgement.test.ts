import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scaleFreeJudge } from "../judge/judges.ts";
import type { CanaryConfig, Judgement } from "../judge/model.ts";
import { judgementReport } from "./judgement.ts";
import { plot } from "./plot.ts";

const thresholds = { pass: 90, marginal: 50 };
const wave = (by: number) => Array.from({ length: 60 }, (_, index) => by + Math.sin(index));

function judged(name: string, group = "performance"): Judgement {
  const metrics = [
    { name: "requests", groups: [group] },
    { name, groups: [group], critical: true },
    { name: "heap", groups: ["memory"], muted: true },
  ];
  const config: CanaryConfig = { metrics, thresholds };
  return scaleFreeJudge.judge(config, [
    { name: "requests", canary: wave(100), baseline: wave(100.01) },
    { name, canary: [...wave(20), Number.NaN], baseline: wave(10) },
  ]);
}

const page = (judgement: Judgement, title = "Canary of app") =>
  judgementReport(judgement, { title, warnings: ["Few points."] });
const tags = (text: string) => text.match(/<[/!a-z][^\s>]*/gi);

describe("the report of a judgement", () => {
  it("tells the verdict, then the metrics, those that failed first", () => {
    const text = page(judged("latency"));
    const inOrder = [
      "<title>Fail: Canary of app</title>",
      "Canary Failed: The metric latency was classified as High (Critical).",
      "Passes from 90, is marginal from 50. Judged by the scale-free judge.",
      "Few points.",
      "<th>performance</th><td>50</td><td>100 %</td><td>1 Pass, 1 High</td>",
      "<h3>latency",
      "The difference, canary less baseline, is about 10: with 98 % confidence from 9.7",
      "<td>1</td><td>0</td></tr>",
      "<h3>heap",
      "There are no values to plot.",
      "Nothing was compared.",
      "<h3>requests",
    ].map((part) => text.indexOf(part));
    expect(inOrder).not.toContain(-1);
    expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b));
  });

  it("is the same from the judgement's JSON", () => {
    const judgement = judged("latency");
    expect(page(JSON.parse(JSON.stringify(judgement)))).toBe(page(judgement));
  });

  it("needs nothing but itself", () => {
    expect(page(judged("latency"))).not.toMatch(/<script|<link|<img|\bsrc=|\bhref=|url\(|@import|https?:/i);
  });

  it("shows every text as text", () => {
    const plain = tags(page(judged("latency")));
    const nasty = fc.oneof(
      fc.constantFrom(`<script>alert(1)</script>`, `" onload="x`, `'><b>`, `&lt;`, `-->`, `</style>`),
      fc.string({ unit: fc.constantFrom(..."<>&\"'/=! ab") }),
    );
    fc.assert(
      fc.property(nasty, nasty, nasty, (name, group, title) => {
        const text = page(judged(`latency${name}`, `performance${group}`), title);
        expect(tags(text)).toEqual(plain);
        expect(text).not.toMatch(/&(?!(?:amp|lt|gt|quot|#39);)/);
      }),
    );
  });
});

describe("a plot", () => {
  const paths = (canary: readonly (number | null)[], baseline: readonly (number | null)[]) =>
    Object.fromEntries(
      [...plot("m", canary, baseline).text.matchAll(/<path class="(canary|baseline)" d="([^"]*)"/g)].map(
        ([, side, path]) => [side, path],
      ),
    );

  it("breaks its lines where there is no value, and shows single points", () => {
    expect(paths([0, 10, null, 5], [10, 0])).toEqual({
      canary: "M64 140L253.3 8M632 74h0",
      baseline: "M64 8L253.3 140",
    });
  });

  it("stays inside, whatever the values are", () => {
    const series = fc.array(fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })), { maxLength: 30 });
    fc.assert(
      fc.property(series, series, (canary, baseline) => {
        const { text } = plot("m", canary, baseline);
        expect(text).not.toMatch(/NaN|Infinity/);
        for (const path of Object.values(paths(canary, baseline)))
          for (const [, x, y] of String(path).matchAll(/[ML]([-\d.]+) ([-\d.]+)/g)) {
            expect(Number(x)).toBeGreaterThanOrEqual(64);
            expect(Number(x)).toBeLessThanOrEqual(632);
            expect(Number(y)).toBeGreaterThanOrEqual(8);
            expect(Number(y)).toBeLessThanOrEqual(140);
          }
      }),
    );
  });
});
