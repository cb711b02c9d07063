import { describe, expect, it } from "vitest";
import { exportable, overrideVariables, parseSecretReference, variableSources } from "./environment.ts";

describe("a build's environment", () => {
  it("prefers StartBuild's value over the project's, and that over the buildspec's", () => {
    const project = [
      { name: "A", value: "project" },
      { name: "B", value: "project", type: "PARAMETER_STORE" },
    ];
    const own = overrideVariables(project, [
      { name: "B", value: "start", type: "PLAINTEXT" },
      { name: "C", value: "start" },
    ]);
    const sources = variableSources(
      { variables: { A: "spec", B: "spec", D: "spec" }, parameterStore: { E: "/e" }, secretsManager: { C: "s" } },
      own,
    );
    expect(Object.fromEntries([...sources].map(([name, { type, value }]) => [name, `${type}=${value}`]))).toEqual({
      A: "PLAINTEXT=project",
      B: "PLAINTEXT=start",
      C: "PLAINTEXT=start",
      D: "PLAINTEXT=spec",
      E: "PARAMETER_STORE=/e",
    });
  });

  it.each([
    ["db", { secretId: "db" }],
    ["db:password", { secretId: "db", jsonKey: "password" }],
    ["db::AWSPREVIOUS", { secretId: "db", versionStage: "AWSPREVIOUS" }],
    ["db:password::v1", { secretId: "db", jsonKey: "password", versionId: "v1" }],
    [
      "arn:aws:secretsmanager:eu-west-1:1:secret:db-Ab12Cd:password",
      { secretId: "arn:aws:secretsmanager:eu-west-1:1:secret:db-Ab12Cd", jsonKey: "password" },
    ],
  ])("reads the secret reference %s", (text, expected) => {
    expect(parseSecretReference(text)).toEqual({
      jsonKey: undefined,
      versionStage: undefined,
      versionId: undefined,
      ...expected,
    });
  });

  it("exports neither secrets nor AWS's own variables", () => {
    const sources = variableSources(
      { variables: { A: "1" }, parameterStore: { B: "/b" }, secretsManager: { C: "c" } },
      [],
    );
    expect(exportable(["A", "B", "C", "D", "AWS_REGION"], sources)).toEqual(["A", "D"]);
  });
});
