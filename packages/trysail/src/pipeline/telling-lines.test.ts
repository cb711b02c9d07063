import { expect, it } from "vitest";
import { tellingLines } from "./telling-lines.ts";

it("keeps what the commands wrote and what failed, and leaves out how the phases are framed", () => {
  const container = (text: string) => `[Container] 2026/01/01 12:00:00.000000 ${text}`;
  const log = [
    container("Entering phase BUILD"),
    container("Running command npm test"),
    "1 of 3 failed",
    container("Command did not exit successfully npm test exit status 4"),
    container("Phase complete: BUILD State: FAILED"),
    container("Phase context status code: COMMAND_EXECUTION_ERROR Message: Error while executing command: npm test."),
    container("Entering phase FINALIZING"),
    container("Phase complete: FINALIZING State: SUCCEEDED"),
    container("Phase context status code:  Message: "),
  ];
  expect(tellingLines(log, 10)).toEqual(log.slice(1, 6));
  expect(tellingLines(log, 1)).toEqual([log[5]]);
});
