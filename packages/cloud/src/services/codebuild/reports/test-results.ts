import { XMLParser } from "fast-xml-parser";
import type { ReportFormat } from "../buildspec/types.ts";

export type CaseStatus = "SUCCEEDED" | "FAILED" | "ERROR" | "SKIPPED" | "UNKNOWN";

/** One test that was run. */
export interface TestResult {
  readonly suite: string;
  /** What the framework puts before the name: a class, a feature. */
  readonly prefix: string;
  readonly name: string;
  readonly status: CaseStatus;
  readonly durationNanoseconds: number;
  readonly message: string;
}

/** Formats that are read. The others are of code coverage. */
export type TestFormat = Extract<
  ReportFormat,
  "JUNITXML" | "CUCUMBERJSON" | "NUNITXML" | "NUNIT3XML" | "TESTNGXML" | "VISUALSTUDIOTRX"
>;

export function isTestFormat(format: ReportFormat): format is TestFormat {
  return ["JUNITXML", "CUCUMBERJSON", "NUNITXML", "NUNIT3XML", "TESTNGXML", "VISUALSTUDIOTRX"].includes(format);
}

/** A report's file is not what its format says. */
export class ReportError extends Error {
  override readonly name = "ReportError";
}

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

const parser = () =>
  new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: "",
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: true,
    processEntities: true,
  });

type RawNode = Readonly<Record<string, unknown>>;

function readXml(text: string): Element {
  let raw: RawNode[];
  try {
    raw = parser().parse(text, true) as RawNode[];
  } catch (error) {
    throw new ReportError(error instanceof Error ? error.message : String(error));
  }
  const element = (node: RawNode): Element | undefined => {
    const name = Object.keys(node).find((key) => key !== ":@");
    if (name === undefined || name === "#text" || name.startsWith("?")) return undefined;
    const inner = (node[name] ?? []) as readonly RawNode[];
    return {
      name,
      attributes: (node[":@"] ?? {}) as Record<string, string>,
      children: inner.flatMap((child) => element(child) ?? []),
      text: inner.flatMap((child) => (typeof child["#text"] === "string" ? [child["#text"]] : [])).join(""),
    };
  };
  const root = raw.flatMap((node) => element(node) ?? [])[0];
  if (root === undefined) throw new ReportError("it has no XML element");
  return root;
}

/** Every element of that name, wherever it is, with those above it. */
function* descendants(
  root: Element,
  name: string,
  above: readonly Element[] = [],
): Generator<{ readonly element: Element; readonly above: readonly Element[] }> {
  if (root.name === name) yield { element: root, above };
  for (const child of root.children) yield* descendants(child, name, [...above, root]);
}

const seconds = (text: string | undefined) => Math.round(Number((text ?? "0").replaceAll(",", "")) * 1e9) || 0;
const child = (element: Element, ...names: readonly string[]) =>
  element.children.find(({ name }) => names.includes(name));
const messageOf = (element: Element | undefined) =>
  element === undefined ? "" : [element.attributes["message"], element.text].filter(Boolean).join("\n");

function junit(root: Element): TestResult[] {
  return [...descendants(root, "testcase")].map(({ element, above }) => {
    const failure = child(element, "failure");
    const error = child(element, "error");
    const skipped = child(element, "skipped");
    return {
      suite: above.findLast(({ name }) => name === "testsuite")?.attributes["name"] ?? "",
      prefix: element.attributes["classname"] ?? "",
      name: element.attributes["name"] ?? "",
      status:
        failure !== undefined
          ? "FAILED"
          : error !== undefined
            ? "ERROR"
            : skipped !== undefined
              ? "SKIPPED"
              : "SUCCEEDED",
      durationNanoseconds: seconds(element.attributes["time"]),
      message: messageOf(failure ?? error ?? skipped),
    };
  });
}

const words: Readonly<Record<string, CaseStatus>> = {
  pass: "SUCCEEDED",
  passed: "SUCCEEDED",
  success: "SUCCEEDED",
  fail: "FAILED",
  failed: "FAILED",
  failure: "FAILED",
  error: "ERROR",
  timeout: "ERROR",
  aborted: "ERROR",
  skip: "SKIPPED",
  skipped: "SKIPPED",
  ignored: "SKIPPED",
  pending: "SKIPPED",
  notexecuted: "SKIPPED",
  inconclusive: "UNKNOWN",
};
const statusOf = (word: string | undefined): CaseStatus => words[(word ?? "").toLowerCase()] ?? "UNKNOWN";

function nunit(root: Element): TestResult[] {
  return [...descendants(root, "test-case")].map(({ element, above }) => ({
    suite: above.findLast(({ name }) => name === "test-suite")?.attributes["name"] ?? "",
    prefix: element.attributes["classname"] ?? "",
    name: element.attributes["name"] ?? "",
    status: statusOf(element.attributes["result"]),
    durationNanoseconds: seconds(element.attributes["duration"] ?? element.attributes["time"]),
    message: (child(element, "failure", "reason")?.children ?? []).map(({ text }) => text).join("\n"),
  }));
}

function testng(root: Element): TestResult[] {
  return [...descendants(root, "test-method")].map(({ element, above }) => ({
    suite: above.findLast(({ name }) => name === "suite")?.attributes["name"] ?? "",
    prefix: above.findLast(({ name }) => name === "class")?.attributes["name"] ?? "",
    name: element.attributes["name"] ?? "",
    status: statusOf(element.attributes["status"]),
    durationNanoseconds: seconds(element.attributes["duration-ms"]) / 1000,
    message: (child(element, "exception")?.children ?? []).map(({ text }) => text).join("\n"),
  }));
}

/** `00:00:01.5000000` */
function timeSpan(text: string | undefined): number {
  const [hours = "0", minutes = "0", rest = "0"] = (text ?? "").split(":");
  return Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(rest)) * 1e9) || 0;
}

function trx(root: Element): TestResult[] {
  return [...descendants(root, "UnitTestResult")].map(({ element }) => {
    const [info] = [...descendants(element, "ErrorInfo")];
    return {
      suite: root.attributes["name"] ?? "",
      prefix: "",
      name: element.attributes["testName"] ?? "",
      status: statusOf(element.attributes["outcome"]),
      durationNanoseconds: timeSpan(element.attributes["duration"]),
      message: (info?.element.children ?? []).map(({ text }) => text).join("\n"),
    };
  });
}

interface CucumberStep {
  readonly result?: { readonly status?: string; readonly duration?: number; readonly error_message?: string };
}

interface CucumberFeature {
  readonly name?: string;
  readonly elements?: readonly {
    readonly name?: string;
    readonly type?: string;
    readonly steps?: readonly CucumberStep[];
  }[];
}

function cucumber(text: string): TestResult[] {
  let features: unknown;
  try {
    features = JSON.parse(text);
  } catch (error) {
    throw new ReportError(error instanceof Error ? error.message : String(error));
  }
  if (!Array.isArray(features)) throw new ReportError("it is not a list of features");
  return (features as readonly CucumberFeature[]).flatMap((feature) =>
    (feature.elements ?? [])
      .filter(({ type }) => type !== "background")
      .map(({ name = "", steps = [] }) => {
        const results = steps.map(({ result }) => result ?? {});
        const worst = results.find(({ status }) => status !== "passed");
        return {
          suite: feature.name ?? "",
          prefix: feature.name ?? "",
          name,
          status: worst === undefined ? "SUCCEEDED" : statusOf(worst.status),
          durationNanoseconds: results.reduce((sum, { duration = 0 }) => sum + duration, 0),
          message: worst?.error_message ?? "",
        };
      }),
  );
}

/**
 * Reads the tests of one report file.
 *
 * @throws ReportError
 * @see https://docs.aws.amazon.com/codebuild/latest/userguide/test-reporting.html
 */
export function readTestResults(text: string, format: TestFormat): TestResult[] {
  switch (format) {
    case "JUNITXML":
      return junit(readXml(text));
    case "NUNITXML":
    case "NUNIT3XML":
      return nunit(readXml(text));
    case "TESTNGXML":
      return testng(readXml(text));
    case "VISUALSTUDIOTRX":
      return trx(readXml(text));
    case "CUCUMBERJSON":
      return cucumber(text);
  }
}

/** What a report tells of its tests together. */
export function summarise(results: readonly TestResult[]) {
  const statusCounts: Record<string, number> = { SUCCEEDED: 0, FAILED: 0, ERROR: 0, SKIPPED: 0, UNKNOWN: 0 };
  for (const { status } of results) statusCounts[status] = (statusCounts[status] ?? 0) + 1;
  return {
    total: results.length,
    statusCounts,
    durationInNanoSeconds: results.reduce((sum, { durationNanoseconds }) => sum + durationNanoseconds, 0),
  };
}
