import { expect, it } from "vitest";
import { rollbackTarget } from "./pipeline-rollback.ts";

it("goes back to the newest that succeeded, but not to the present one, and not to a rollback", () => {
  const succeeded = [
    { pipelineExecutionId: "present" },
    { pipelineExecutionId: "rolled-back", executionType: "ROLLBACK" as const },
    { pipelineExecutionId: "good" },
    { pipelineExecutionId: "older" },
  ];
  expect(rollbackTarget(succeeded, "present")).toBe("good");
  expect(rollbackTarget([{ pipelineExecutionId: "present" }], "present")).toBeUndefined();
});
