import { expect, it } from "vitest";
import { awsCliCheck, nodeCheck } from "./checks.ts";
import { limitsCheck, portsCheck, treesCheck } from "./machine-checks.ts";

it("takes Node from 20.19 on", () => {
  expect(["20.18.3", "18.20.0", "20.19.0", "22.1.0"].map((version) => nodeCheck(version).status)).toEqual([
    "missing",
    "missing",
    "ok",
    "ok",
  ]);
});

it("warns of an aws CLI that ignores the endpoint's variable", () => {
  const told = ["aws-cli/2.9.19 Python/3.11.2", "aws-cli/1.28.9 x", "aws-cli/2.13.0 x", "aws-cli/1.45.11 x"];
  expect(told.map((version) => awsCliCheck(version).status)).toEqual(["limited", "limited", "ok", "ok"]);
});

it("says which limits are applied, and what to do where none are", () => {
  const told = (limitsMemory: boolean, limitsCpu: boolean, platform: NodeJS.Platform = "linux") =>
    limitsCheck({ limitsMemory, limitsCpu }, platform);
  expect(told(true, true)).toMatchObject({ status: "ok" });
  expect(told(true, false)).toMatchObject({
    status: "limited",
    found: "of instances, tasks and functions, the memory is applied, the CPU is not",
    advice: expect.stringContaining("systemd-run") as string,
  });
  expect(told(false, false)).toMatchObject({ status: "limited" });
  expect(told(false, false, "darwin")).toMatchObject({
    status: "ok",
    found: expect.stringContaining("cannot") as string,
  });
});

it("says how left processes are found, and where low ports are reached", () => {
  expect(treesCheck({ endsTrees: false }).found).toContain("mark");
  expect(portsCheck(1)).toMatchObject({ status: "ok" });
  expect(portsCheck(1024)).toMatchObject({ status: "limited", advice: expect.stringContaining("10080") as string });
});
