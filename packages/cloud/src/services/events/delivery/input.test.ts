import type { AccountId, Region } from "@trysail/core";
import { describe, expect, it } from "vitest";
import type { DeliveredEvent } from "../../../kernel/context.ts";
import type { Target } from "../model.ts";
import { inputFor, parsePath } from "./input.ts";

const event: DeliveredEvent = {
  id: "1",
  source: "aws.ec2",
  detailType: "EC2 Instance State-change Notification",
  time: Date.UTC(2026, 10, 26, 17, 0, 0, 500),
  account: "123456789012" as AccountId,
  region: "us-east-1" as Region,
  resources: ["arn:i-1"],
  detail: { "instance-id": "i-1", state: 'say "RUNNING"', tags: { a: [1, 2] } },
};
const input = (target: Partial<Target>) =>
  inputFor({ Id: "t", Arn: "arn", ...target }, event, { ruleArn: "arn:rule", ruleName: "rule", since: event.time });
const transformed = (InputTemplate: string) =>
  input({
    InputTransformer: {
      InputPathsMap: {
        instance: "$.detail.instance-id",
        state: "$.detail.state",
        tags: "$.detail.tags",
        none: "$.detail.none",
        first: "$.resources[0]",
      },
      InputTemplate,
    },
  });

describe("what a target is sent", () => {
  it("is the event as AWS writes it", () => {
    expect(JSON.parse(input({}))).toEqual({
      version: "0",
      id: "1",
      "detail-type": "EC2 Instance State-change Notification",
      source: "aws.ec2",
      account: "123456789012",
      time: "2026-11-26T17:00:00Z",
      region: "us-east-1",
      resources: ["arn:i-1"],
      detail: event.detail,
    });
  });

  it.each([
    ['"instance <instance> is in <first>"', '"instance i-1 is in arn:i-1"'],
    ['{"instance": <instance>, "state": <state>}', '{"instance": "i-1", "state": "say \\"RUNNING\\""}'],
    ['{"state": "is <state>"}', '{"state": "is say \\"RUNNING\\""}'],
    ['{"tags": <tags>}', '{"tags": {"a":[1,2]}}'],
    ['"tags: <tags>"', '"tags: {\\"a\\":[1,2]}"'],
    ['"<none><unknown>"', '"<unknown>"'],
    ['"rule <aws.events.rule-name> at <aws.events.event.ingestion-time>"', '"rule rule at 2026-11-26T17:00:00.500Z"'],
    ["plain <instance>", 'plain "i-1"'],
  ])("by the template %s is %s", (template, expected) => {
    expect(transformed(template)).toBe(expected);
  });

  it("may be a constant, a part, or the whole in a template", () => {
    expect(input({ Input: '{"a": 1}' })).toBe('{"a": 1}');
    expect(input({ InputPath: "$.detail.tags" })).toBe('{"a":[1,2]}');
    expect(input({ InputPath: "$.nothing" })).toBe("null");
    expect(JSON.parse(transformed('{"all": <aws.events.event.json>}'))).toMatchObject({
      all: { detail: event.detail },
    });
  });
});

it.each(["detail", "$.", "$.a..b", "$[x]", "$.a b"])("%s is no path", (path) => {
  expect(parsePath(path)).toBeUndefined();
});
