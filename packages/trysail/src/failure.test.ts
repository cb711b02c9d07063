import { TrysailError } from "@trysail/core";
import { expect, it } from "vitest";
import { failureOf, usageError } from "./failure.ts";

const withCode = (code: string) => Object.assign(new Error(`${code}: broken`), { code });

it.each([
  ["a mistake of usage", usageError("No."), 2, "usage"],
  ["an error of ours", new TrysailError("port-in-use", "Taken.", { exitCode: 4 }), 4, "port-in-use"],
  ["a Trysail that is gone", withCode("ECONNREFUSED"), 3, "not-running"],
  ["a full disk", withCode("ENOSPC"), 6, "disk-full"],
  ["a disk that may not be written", withCode("EROFS"), 6, "disk-refuses"],
  ["anything else", new Error("broken"), 1, "Error"],
])("tells %s by its exit code and its name", (_, thrown, exitCode, code) => {
  expect(failureOf(thrown)).toMatchObject({ exitCode, code });
});

it("tells AWS's errors with their code", () => {
  const error = Object.assign(new Error("No such pipeline."), { name: "PipelineNotFoundException", $metadata: {} });
  expect(failureOf(error)).toMatchObject({
    code: "PipelineNotFoundException",
    message: "PipelineNotFoundException: No such pipeline.",
    exitCode: 1,
  });
});
