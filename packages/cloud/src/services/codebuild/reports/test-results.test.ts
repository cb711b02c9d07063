import { describe, expect, it } from "vitest";
import { ReportError, readTestResults, summarise } from "./test-results.ts";

const junit = `<?xml version="1.0"?>
<testsuites><testsuite name="math" tests="4">
  <testcase classname="Math" name="adds &lt;numbers&gt;" time="0.25"/>
  <testcase classname="Math" name="divides" time="1,000.5"><failure message="by zero">at math.js:1</failure></testcase>
  <testcase name="crashes"><error>boom</error></testcase>
  <testcase name="later"><skipped/></testcase>
</testsuite></testsuites>`;

const short = (text: string, format: Parameters<typeof readTestResults>[1]) =>
  readTestResults(text, format).map(({ suite, prefix, name, status, durationNanoseconds, message }) => [
    suite,
    prefix,
    name,
    status,
    durationNanoseconds,
    message,
  ]);

describe("test reports", () => {
  it("are read from JUnit XML", () => {
    expect(short(junit, "JUNITXML")).toEqual([
      ["math", "Math", "adds <numbers>", "SUCCEEDED", 250_000_000, ""],
      ["math", "Math", "divides", "FAILED", 1_000_500_000_000, "by zero\nat math.js:1"],
      ["math", "", "crashes", "ERROR", 0, "boom"],
      ["math", "", "later", "SKIPPED", 0, ""],
    ]);
    expect(summarise(readTestResults(junit, "JUNITXML"))).toMatchObject({
      total: 4,
      statusCounts: { SUCCEEDED: 1, FAILED: 1, ERROR: 1, SKIPPED: 1, UNKNOWN: 0 },
    });
  });

  it("are read from other formats", () => {
    expect(
      short(
        `<test-run><test-suite name="s"><test-case name="t" classname="c" result="Failed" duration="0.5"><failure><message>m</message></failure></test-case></test-suite></test-run>`,
        "NUNIT3XML",
      ),
    ).toEqual([["s", "c", "t", "FAILED", 500_000_000, "m"]]);
    expect(
      short(
        `<testng-results><suite name="s"><test><class name="c"><test-method name="t" status="PASS" duration-ms="20"/></class></test></suite></testng-results>`,
        "TESTNGXML",
      ),
    ).toEqual([["s", "c", "t", "SUCCEEDED", 20_000_000, ""]]);
    expect(
      short(
        `<TestRun name="r"><Results><UnitTestResult testName="t" outcome="Passed" duration="00:01:01.5"/></Results></TestRun>`,
        "VISUALSTUDIOTRX",
      ),
    ).toEqual([["r", "", "t", "SUCCEEDED", 61_500_000_000, ""]]);
    const feature = [
      {
        name: "f",
        elements: [
          {
            name: "s",
            steps: [
              { result: { status: "passed", duration: 5 } },
              { result: { status: "failed", duration: 7, error_message: "e" } },
            ],
          },
        ],
      },
    ];
    expect(short(JSON.stringify(feature), "CUCUMBERJSON")).toEqual([["f", "f", "s", "FAILED", 12, "e"]]);
  });

  it.each([
    ["<testsuite", "JUNITXML"],
    ["", "JUNITXML"],
    ["{}", "CUCUMBERJSON"],
    ["no", "CUCUMBERJSON"],
  ] as const)("that are broken are refused: %j as %s", (text, format) => {
    expect(() => readTestResults(text, format)).toThrow(ReportError);
  });
});
