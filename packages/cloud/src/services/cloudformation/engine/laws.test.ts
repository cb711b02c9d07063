import { DescribeParametersCommand, GetParametersByPathCommand, SSMClient } from "@aws-sdk/client-ssm";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestCloud } from "../../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../../testing/test-cloud.test-kit.ts";
import { stackKit } from "../stack.test-kit.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.stop());

/** One parameter of a template: a new name replaces it, what it refers to comes before it, a bad one fails. */
interface Wanted {
  readonly value: number;
  readonly rename: number;
  readonly refersTo: readonly number[];
  readonly bad: boolean;
}

const wanted: fc.Arbitrary<Wanted> = fc.record({
  value: fc.integer({ min: 0, max: 2 }),
  rename: fc.integer({ min: 0, max: 1 }),
  refersTo: fc.subarray([0, 1, 2, 3]),
  bad: fc.integer({ min: 0, max: 9 }).map((luck) => luck === 0),
});

/** Which of five parameters there are, and how; at least one. */
const templates = fc
  .array(fc.option(wanted, { nil: undefined }), { minLength: 5, maxLength: 5 })
  .map((all) => (all.some(Boolean) ? all : [{ value: 0, rename: 0, refersTo: [], bad: false }]));

type Template = readonly (Wanted | undefined)[];

const nameOf = (prefix: string, index: number, { rename }: Wanted) => `/${prefix}/p${index}-${rename}`;

function templateOf(prefix: string, all: Template): object {
  const entries = all.flatMap((one, index) => {
    if (one === undefined) return [];
    const before = one.refersTo.filter((other) => other < index && all[other] !== undefined);
    const Value = { "Fn::Join": [",", [String(one.value), ...before.map((other) => ({ Ref: `P${other}` }))]] };
    const Name = one.bad ? "not a name!" : nameOf(prefix, index, one);
    return [[`P${index}`, { Type: "AWS::SSM::Parameter", Properties: { Type: "String", Name, Value } }]];
  });
  return { Resources: Object.fromEntries(entries) as object };
}

/** What Parameter Store holds when the template has been brought about. */
function contentOf(prefix: string, all: Template): Record<string, string> {
  return Object.fromEntries(
    all.flatMap((one, index) => {
      if (one === undefined) return [];
      const before = one.refersTo.flatMap((other) => {
        const found = other < index ? all[other] : undefined;
        return found === undefined ? [] : [nameOf(prefix, other, found)];
      });
      return [[nameOf(prefix, index, one), [String(one.value), ...before].join(",")]];
    }),
  );
}

it("a stack is what its last template says, or exactly what it was before; and nothing is left behind", async () => {
  const ssm = cloud.client(SSMClient);
  const stacks = stackKit(cloud);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(templates, { minLength: 2, maxLength: 4 }), async (sequence) => {
      const name = `laws-${++run}`;
      let expected: Record<string, string> = {};
      let current: Template | undefined;
      for (const next of sequence) {
        const template = templateOf(name, next);
        if (current !== undefined && JSON.stringify(templateOf(name, current)) === JSON.stringify(template)) continue;
        const fails = next.some((one) => one?.bad === true);
        // A creation that has failed leaves a stack that can only be deleted.
        if (current === undefined && fails) continue;
        const { status } = await stacks.deploy(template, { name });
        expect(status).toBe(
          fails ? "UPDATE_ROLLBACK_COMPLETE" : current === undefined ? "CREATE_COMPLETE" : "UPDATE_COMPLETE",
        );
        if (!fails) {
          current = next;
          expected = contentOf(name, next);
        }
        const { Parameters = [] } = await ssm.send(
          new GetParametersByPathCommand({ Path: `/${name}`, MaxResults: 10 }),
        );
        expect(Object.fromEntries(Parameters.map(({ Name = "", Value = "" }) => [Name, Value]))).toEqual(expected);
      }
      if (current === undefined) return;
      expect(await stacks.remove(name)).toBe("DELETE_COMPLETE");
      const { Parameters = [] } = await ssm.send(
        new DescribeParametersCommand({
          ParameterFilters: [{ Key: "Path", Option: "Recursive", Values: [`/${name}`] }],
        }),
      );
      expect(Parameters).toEqual([]);
    }),
    { numRuns: 25 },
  );
});
