import fc from "fast-check";
import { stringify } from "yaml";
import { describe, expect, it } from "vitest";
import { parseBuildspec } from "./parse.ts";
import { BuildspecError } from "./yaml.ts";

const parse = (text: string) => parseBuildspec(text, "builder");

const whole = `version: 0.2
env:
  shell: bash
  variables: { PORT: 8080, EMPTY: "", VERSION: 1.10 }
  parameter-store: { TOKEN: /ci/token }
  secrets-manager: { KEY: "db:password:AWSCURRENT" }
  exported-variables: [RESULT]
phases:
  install:
    runtime-versions: { nodejs: 20 }
    commands: npm ci
  build:
    on-failure: RETRY-5-.*connection timed out.*
    commands:
      - npm test
      - |
        echo one
        echo two
    finally: [echo done]
artifacts:
  files: "**/*"
  base-directory: dist
  discard-paths: yes
  exclude-paths: ["**/*.map"]
  secondary-artifacts:
    docs: { files: [docs/*], name: docs-$(date +%F), enable-symlinks: yes }
reports:
  unit: { files: [out/*.xml], file-format: junitxml }
cache: { paths: [node_modules/**/*], key: npm-1, fallback-keys: [npm-], action: restore }
`;

describe("a buildspec", () => {
  it("is read whole, its scalars as they are written", () => {
    expect(parse(whole)).toEqual({
      version: "0.2",
      shell: "bash",
      variables: { PORT: "8080", EMPTY: "", VERSION: "1.10" },
      parameterStore: { TOKEN: "/ci/token" },
      secretsManager: { KEY: "db:password:AWSCURRENT" },
      exportedVariables: ["RESULT"],
      runtimes: { nodejs: "20" },
      phases: {
        INSTALL: { commands: ["npm ci"], finally: [], onFailure: { action: "default" } },
        BUILD: {
          commands: ["npm test", "echo one\necho two\n"],
          finally: ["echo done"],
          onFailure: { action: "retry", times: 5, pattern: ".*connection timed out.*" },
        },
      },
      artifacts: {
        files: ["**/*"],
        name: undefined,
        baseDirectory: "dist",
        discardPaths: true,
        excludePaths: ["**/*.map"],
        enableSymlinks: false,
        s3Prefix: undefined,
      },
      secondaryArtifacts: {
        docs: {
          files: ["docs/*"],
          name: "docs-$(date +%F)",
          baseDirectory: undefined,
          discardPaths: false,
          excludePaths: [],
          enableSymlinks: true,
          s3Prefix: undefined,
        },
      },
      reports: [
        { group: "unit", files: ["out/*.xml"], format: "JUNITXML", baseDirectory: undefined, discardPaths: false },
      ],
      cache: { paths: ["node_modules/**/*"], key: "npm-1", fallbackKeys: ["npm-"], restores: true, saves: false },
      warnings: [],
    });
  });

  it("may share parts by anchors, aliases and merge keys, and be JSON", () => {
    const shared = `version: 0.2
x-steps: &steps
  commands: [a]
phases:
  build:
    <<: *steps
  post_build: *steps
`;
    expect(parse(shared).phases.BUILD?.commands).toEqual(["a"]);
    expect(parse(shared).phases.POST_BUILD?.commands).toEqual(["a"]);
    expect(parse(shared).warnings).toEqual([expect.stringContaining('"x-steps" at line 2')]);
    expect(parse('{"version":"0.2","phases":{"build":{"commands":["ls"]}}}').phases.BUILD?.commands).toEqual(["ls"]);
  });

  it.each([
    [
      'version: 0.2\nphases:\n  build:\n    commands:\n      - echo "Hello: world"\n',
      "Expected Commands[0] to be of string type: found subkeys instead at line 5, value of the key tag on line 4 might be empty",
    ],
    ["version: 0.2\nphases:\n  build:\n    commands: [a\n", /at line [45]$/],
    ["version: 0.3\nphases: {}\n", 'Invalid buildspec version "0.3" at line 1: it must be 0.1 or 0.2'],
    ["phases: {}\n", "The buildspec has no version: give version: 0.2 at its top"],
    ["version: 0.2\n", "The buildspec has no phases"],
    [
      "version: 0.2\nphases:\n  test: {}\n",
      'Unknown phase "test" at line 3: the phases are install, pre_build, build, post_build',
    ],
    ["version: 0.2\nphases:\n  build:\n    command: [a]\n", "Unknown key phases/build/command at line 4"],
    [
      "version: 0.2\nphases: { build: { on-failure: RETRY-101 } }\n",
      /^Invalid phases\/build\/on-failure "RETRY-101" at line 2/,
    ],
    [
      "version: 0.2\nrun-as: root\nphases: {}\n",
      'run-as "root" at line 2 cannot be honoured: builds run as builder, who runs Trysail',
    ],
    [
      "version: 0.2\nenv: { variables: { a-b: c } }\nphases: {}\n",
      'Invalid name of an environment variable "a-b" at line 2',
    ],
    ["version: 0.2\nenv: { shell: zsh }\nphases: {}\n", /^Invalid env\/shell "zsh" at line 2/],
    ["version: 0.2\nphases: {}\nartifacts:\n  name: x\n", "artifacts/files is missing at line 3"],
    [
      "version: 0.2\nphases: {}\nreports: { r: { files: x, file-format: TAP } }\n",
      /^Invalid reports\/r\/file-format "TAP" at line 3/,
    ],
    ["just text", "Expected the buildspec to be a mapping at line 1"],
  ])("that is wrong is refused with the place: %j", (text, message) => {
    expect(() => parse(text)).toThrow(BuildspecError);
    expect(() => parse(text)).toThrow(message);
  });

  it.each([
    ["RETRY", { action: "retry", times: 3, pattern: ".*" }],
    ["RETRY-4", { action: "retry", times: 4, pattern: ".*" }],
    ["Retry-8-invalid+", { action: "retry", times: 8, pattern: "invalid+" }],
    ["RETRY-.*2 errors", { action: "retry", times: 3, pattern: ".*2 errors" }],
    ["ABORT", { action: "abort" }],
  ])("knows on-failure %s", (text, expected) => {
    expect(parse(`version: 0.2\nphases: { build: { on-failure: "${text}" } }`).phases.BUILD?.onFailure).toEqual(
      expected,
    );
  });

  it("gives each command back as it was, whatever it holds", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 })), (commands) => {
        const text = stringify({ version: 0.2, phases: { build: { commands } } });
        expect(parse(text).phases.BUILD?.commands).toEqual(commands);
      }),
    );
  });
});
