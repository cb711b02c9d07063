import { expect, it } from "vitest";
import { isInstalled } from "./dependencies.mjs";
import { countsOf } from "./test-counts.mjs";

it("installs again where a package is missing or of another version, optional ones aside", () => {
  const wanted = {
    packages: {
      "": {},
      "packages/core": { version: "0.1.0" },
      "node_modules/@trysail/core": { link: true },
      "node_modules/yaml": { version: "2.9.1" },
      "node_modules/for-other-systems": { version: "1.0.0", optional: true },
    },
  };
  const yaml = (version: string) => ({
    packages: { "node_modules/@trysail/core": { link: true }, "node_modules/yaml": { version } },
  });
  expect(isInstalled(wanted, yaml("2.9.1"))).toBe(true);
  expect(isInstalled(wanted, yaml("2.9.0"))).toBe(false);
  expect(isInstalled(wanted, { packages: { "node_modules/yaml": { version: "2.9.1" } } })).toBe(false);
});

it("counts tests, and a file that fails before its first one", () => {
  const results = (...statuses: string[]) => statuses.map((status) => ({ status }));
  const testResults = [
    { status: "failed", assertionResults: results("passed", "failed", "skipped") },
    { status: "failed", assertionResults: [] },
    { status: "passed", assertionResults: results("passed", "pending", "todo") },
  ];
  expect(countsOf({ testResults })).toEqual({ passed: 2, failed: 2, skipped: 3 });
});
