import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { artifactKey } from "./artifact-key.ts";
import type { Definition } from "./definition.ts";
import { windowMistake, windowState } from "./deployment-window.ts";
import { interestsIn, isIncluded, passesFilters } from "./triggers.ts";
import { referencesIn, resolve, resolveInJson } from "./variables.ts";

const source = (provider: string, configuration: Record<string, string>, triggers?: unknown): Definition =>
  ({
    stages: [
      {
        name: "Source",
        actions: [
          { name: "pull", actionTypeId: { category: "Source", owner: "AWS", provider, version: "1" }, configuration },
        ],
      },
    ],
    triggers,
  }) as unknown as Definition;

describe("variables", () => {
  const scope = {
    executionId: "e-1",
    variables: { Stage: "beta" },
    outputs: { Src: { CommitId: "abc", Message: "#{variables.Stage}" } },
  };

  it.each([
    ["#{Src.CommitId}", "abc"],
    ["at #{variables.Stage} of #{codepipeline.PipelineExecutionId}", "at beta of e-1"],
    ["#{Src.Message}", "#{variables.Stage}"],
    ["${Src.CommitId} #{ Src.CommitId } $1 #{}", "${Src.CommitId} #{ Src.CommitId } $1 #{}"],
  ])("resolves %s", (text, expected) => {
    expect(resolve(text, scope)).toEqual({ text: expected });
  });

  it.each(["#{Other.X}", "#{Src.toString}", "#{variables.None}", "#{codepipeline.Name}"])(
    "names %s, which is unknown",
    (text) => {
      expect(resolve(`x ${text}`, scope)).toEqual({ unknown: text });
    },
  );

  it("keeps JSON what it is, whatever the values hold", () => {
    const quoted = { ...scope, variables: { Stage: 'a "b"' } };
    expect(resolveInJson('{"Name":"x #{variables.Stage}","Count":[1]}', quoted)).toEqual({
      text: '{"Name":"x a \\"b\\"","Count":[1]}',
    });
    expect(resolveInJson('{"Name":"#{No.Such}"}', quoted)).toEqual({ unknown: "#{No.Such}" });
    expect(resolveInJson("not json #{variables.Stage}", quoted)).toEqual({ text: 'not json a "b"' });
  });

  it("leaves a text without references as it is", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(referencesIn(text).length === 0);
        expect(resolve(text, scope)).toEqual({ text });
      }),
    );
  });
});

describe("triggers", () => {
  const push = (name: string, reference: "branch" | "tag" = "branch") =>
    ({ host: "connected", repository: "acme/site", reference, name }) as const;
  const connection = { FullRepositoryId: "Acme/site", BranchName: "main", ConnectionArn: "arn" };

  it.each([
    ["a push to the branch", source("CodeStarSourceConnection", connection), push("main"), "connection"],
    ["a push to another branch", source("CodeStarSourceConnection", connection), push("next"), undefined],
    ["a tag of the branch's name", source("CodeStarSourceConnection", connection), push("main", "tag"), undefined],
    [
      "changes that are not to be detected",
      source("CodeStarSourceConnection", { ...connection, DetectChanges: "false" }),
      push("main"),
      undefined,
    ],
    ["GitHub, polling", source("GitHub", { Owner: "acme", Repo: "site", Branch: "main" }), push("main"), "polling"],
    [
      "GitHub, with a webhook",
      source("GitHub", { Owner: "acme", Repo: "site", Branch: "main", PollForSourceChanges: "false" }),
      push("main"),
      "webhook",
    ],
    [
      "CodeCommit",
      source("CodeCommit", { RepositoryName: "acme/site", BranchName: "main" }),
      { ...push("main"), host: "codecommit" } as const,
      "polling",
    ],
    [
      "a repository of another host",
      source("CodeCommit", { RepositoryName: "acme/site", BranchName: "main" }),
      push("main"),
      undefined,
    ],
  ])("%s", (_, definition, pushed, by) => {
    expect(interestsIn(definition, pushed)[0]?.by).toBe(by);
  });

  it("lets a trigger's filters decide in place of the action's branch", () => {
    const filters = [{ branches: { includes: ["release/**"] } }];
    const triggers = [
      { providerType: "CodeStarSourceConnection", gitConfiguration: { sourceActionName: "pull", push: filters } },
    ];
    const definition = source("CodeStarSourceConnection", { ...connection, DetectChanges: "false" }, triggers);
    expect(interestsIn(definition, push("release/1"))).toMatchObject([{ by: "connection", filters }]);
  });

  it.each([
    ["tags", [{ tags: { includes: ["v*"], excludes: ["v0*"] } }], push("v1", "tag"), [], true],
    ["an excluded tag", [{ tags: { includes: ["v*"], excludes: ["v0*"] } }], push("v0", "tag"), [], false],
    ["a branch like the tag", [{ tags: { includes: ["v*"] } }], push("v1"), [], false],
    [
      "files",
      [{ branches: { includes: ["main"] }, filePaths: { includes: ["src/**"] } }],
      push("main"),
      ["docs/a.md", "src/x/y.ts"],
      true,
    ],
    [
      "other files",
      [{ branches: { includes: ["main"] }, filePaths: { includes: ["src/**"] } }],
      push("main"),
      ["docs/a.md"],
      false,
    ],
    [
      "only excluded files",
      [{ branches: { includes: ["main"] }, filePaths: { excludes: ["docs/**"] } }],
      push("main"),
      ["docs/a.md"],
      false,
    ],
    [
      "the second filter",
      [{ tags: { includes: ["v*"] } }, { branches: { includes: ["ma?n"] } }],
      push("main"),
      [],
      true,
    ],
  ])("filters by %s", (_, filters, pushed, files, passes) => {
    expect(passesFilters(filters, pushed, files)).toBe(passes);
  });

  it("never includes what is excluded", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("main", "next", "release/1"),
        fc.subarray(["main", "next", "**", "release/*"]),
        (name, excludes) => {
          const isExcluded = excludes.length > 0 && isIncluded({ includes: excludes }, name);
          expect(isIncluded({ includes: ["**"], excludes }, name)).toBe(!isExcluded);
        },
      ),
    );
  });
});

describe("deployment window", () => {
  const at = (text: string) => Date.parse(text);

  it.each([
    ["* * 9-17 ? * MON-FRI *", "UTC", "2026-01-05T09:00:30Z", { kind: "open" }],
    ["* * 9-17 ? * 2-6 *", "UTC", "2026-01-05T17:59:59Z", { kind: "open" }],
    ["* * 9-17 ? * MON-FRI *", "UTC", "2026-01-05T18:00:00Z", { kind: "opens", at: at("2026-01-06T09:00:00Z") }],
    ["* * 9-17 ? * 1", "UTC", "2026-01-05T12:00:00Z", { kind: "opens", at: at("2026-01-11T09:00:00Z") }],
    ["* 0/30 * ? * *", "UTC", "2026-01-05T12:01:00Z", { kind: "opens", at: at("2026-01-05T12:30:00Z") }],
    ["* * 9 ? * *", "Europe/Berlin", "2026-07-01T07:10:00Z", { kind: "open" }],
    ["* * * 1 1 ? 2020", "UTC", "2026-01-05T12:00:00Z", { kind: "never" }],
  ] as const)("%s in %s at %s", (cron, zone, now, expected) => {
    expect(windowState(cron, zone, at(now))).toEqual(expected);
  });

  it("is open when it says that it opens", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: at("2026-01-01T00:00:00Z"), max: at("2027-01-01T00:00:00Z") }),
        fc.constantFrom("* 15 3 ? * SUN", "* * 22-23 1,15 * ?", "* */7 * ? JUL *"),
        (now, cron) => {
          const state = windowState(cron, "America/New_York", now);
          if (state.kind !== "opens") return;
          expect(state.at).toBeGreaterThan(now);
          expect(windowState(cron, "America/New_York", state.at)).toEqual({ kind: "open" });
        },
      ),
    );
  });

  it.each([
    ["* * *", "UTC"],
    ["* 99 * ? * *", "UTC"],
    ["* * * ? * *", "Mars/Olympus"],
  ])("does not take %s in %s", (cron, zone) => {
    expect(windowMistake(cron, zone)).toBeDefined();
  });
});

it("names artifacts as CodePipeline does", () => {
  const key = artifactKey("MyGitHubPipelineOfALongName", "SourceArtifact", (length) => "gZkH2iHxyz".slice(0, length));
  expect(key).toBe("MyGitHubPipelineOfAL/SourceArti/gZkH2iH");
});
