import { describe, expect, it } from "vitest";
import { styleOf } from "../terminal/terminal.ts";
import { isOver, viewOf } from "./execution-view.ts";
import type { ExecutionFacts } from "./execution-view.ts";
import { changeLines, executionLines } from "./render.ts";

const id = "11111111-2222-3333-4444-555555555555";
const other = "99999999-2222-3333-4444-555555555555";
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 12, 0, seconds));
const plain = styleOf(false);

const action = (name: string, category: "Source" | "Build" | "Approval", provider: string) => ({
  name,
  actionTypeId: { category, provider, owner: "AWS" as const, version: "1" },
});

const definition: ExecutionFacts["definition"] = {
  name: "website",
  roleArn: "",
  stages: [
    { name: "Source", actions: [action("GitHub", "Source", "CodeStarSourceConnection")] },
    { name: "Build", actions: [action("Build", "Build", "CodeBuild"), action("Approve", "Approval", "Manual")] },
    { name: "Deploy", actions: [] },
  ],
};

const source = {
  stageName: "Source",
  actionName: "GitHub",
  status: "Succeeded",
  startTime: at(0),
  lastUpdateTime: at(1),
} as const;
const building = { stageName: "Build", actionName: "Build", status: "InProgress", startTime: at(1) } as const;
const revision = {
  revisionId: "4f2a1c9000000000000000000000000000000000",
  revisionSummary: "Fix the headline\n\nAt last.",
};

const facts = (given: Partial<ExecutionFacts>): ExecutionFacts => ({
  definition,
  execution: { pipelineExecutionId: id, status: "InProgress", artifactRevisions: [revision] },
  stageStates: [],
  actionExecutions: [],
  ...given,
});

describe("the view of an execution", () => {
  it("shows what ran, what runs for how long, and what has not begun", () => {
    const view = viewOf(facts({ actionExecutions: [building, source] }));
    expect(executionLines(view, at(4).getTime(), plain)).toEqual([
      "▶ website  InProgress  11111111  4f2a1c9 Fix the headline",
      "✓ Source",
      "  ✓  GitHub  1.0 s",
      "▶ Build",
      "  ▶  Build  3.0 s",
      "  ·  Approve",
      "· Deploy",
    ]);
  });

  it("takes an action's latest run, after a retry", () => {
    const failed = { ...building, status: "Failed" } as const;
    expect(viewOf(facts({ actionExecutions: [building, failed, source] })).stages[1]?.actions[0]?.status).toBe(
      "InProgress",
    );
  });

  it("says what it waits for: an approval, a disabled transition, another execution", () => {
    const approving = { ...building, actionName: "Approve" };
    expect(viewOf(facts({ actionExecutions: [approving] })).stages[1]?.actions[1]?.waitsFor).toBe("an approval");
    const inbound = {
      stageName: "Build",
      inboundExecutions: [{ pipelineExecutionId: id, status: "InProgress" as const }],
    };
    const disabled = { ...inbound, inboundTransitionState: { enabled: false, disabledReason: "freeze" } };
    expect(viewOf(facts({ stageStates: [disabled] })).stages[1]?.waitsFor).toBe(
      "the transition into it, which is disabled: freeze",
    );
    const occupied = { ...inbound, latestExecution: { pipelineExecutionId: other, status: "InProgress" as const } };
    expect(viewOf(facts({ stageStates: [occupied] })).stages[1]?.waitsFor).toBe("execution 99999999, which is in it");
  });

  it("does not take another execution's stage for its own", () => {
    const state = { stageName: "Source", latestExecution: { pipelineExecutionId: other, status: "Failed" as const } };
    expect(viewOf(facts({ stageStates: [state], actionExecutions: [source] })).stages[0]?.status).toBe("Succeeded");
  });

  it("is over when AWS says so, and not before", () => {
    expect(["Succeeded", "Failed", "Stopped", "Superseded", "Cancelled"].every((status) => isOver({ status }))).toBe(
      true,
    );
    expect(["InProgress", "Stopping"].some((status) => isOver({ status }))).toBe(false);
  });
});

describe("the changes of an execution", () => {
  const failed = {
    ...building,
    status: "Failed",
    lastUpdateTime: at(3),
    output: {
      executionResult: { errorDetails: { message: "exit status 2" }, externalExecutionUrl: "http://127.0.0.1/build" },
    },
  } as const;

  it("are told once each, and how it ended with the reason", () => {
    const first = viewOf(facts({ actionExecutions: [source] }));
    const second = viewOf(facts({ actionExecutions: [building, source] }));
    const third = viewOf(
      facts({ actionExecutions: [failed, source], execution: { ...facts({}).execution, status: "Failed" } }),
    );
    expect(changeLines(undefined, first, plain)).toEqual([
      "website  11111111  4f2a1c9 Fix the headline",
      "✓ Source / GitHub  Succeeded  1.0 s",
    ]);
    expect(changeLines(first, first, plain)).toEqual([]);
    expect(changeLines(first, second, plain)).toEqual(["▶ Build / Build  InProgress"]);
    expect(changeLines(second, third, plain)).toEqual([
      "✗ Build / Build  Failed  2.0 s",
      "      exit status 2",
      "      http://127.0.0.1/build",
      "✗ website  Failed  11111111  4f2a1c9 Fix the headline",
    ]);
  });
});
