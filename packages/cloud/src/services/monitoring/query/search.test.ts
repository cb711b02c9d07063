import { describe, expect, it } from "vitest";
import { isFound, parseSearch } from "./search.ts";

const metrics = [
  { namespace: "AWS/EC2", name: "CPUUtilization", dimensions: { InstanceId: "i-web-1" } },
  { namespace: "AWS/EC2", name: "CPUUtilization", dimensions: { AutoScalingGroupName: "web" } },
  { namespace: "AWS/EC2", name: "NetworkIn", dimensions: { InstanceId: "i-web-1" } },
  { namespace: "AWS/Lambda", name: "Errors", dimensions: { FunctionName: "my-web-app" } },
];
const found = (text: string) => metrics.flatMap((metric, index) => (isFound(parseSearch(text), metric) ? [index] : []));

describe("a search", () => {
  it.each([
    ["{AWS/EC2,InstanceId}", [0, 2]],
    ['{AWS/EC2,InstanceId} MetricName="CPUUtilization"', [0]],
    ["{AWS/EC2,InstanceId} utilization", [0]],
    ["web", [0, 1, 2, 3]],
    ["cpu NOT InstanceId", [1]],
    ["cpu OR errors", [0, 1, 3]],
    ["(cpu OR errors) app", [3]],
    ["InstanceId=i-web-1 AND MetricName=NetworkIn", [2]],
    ["MetricName=(Errors OR NetworkIn)", [2, 3]],
    ['FunctionName="my-web"', []],
    ["FunctionName=my-web", [3]],
    ['Namespace="AWS/Lambda"', [3]],
    ["", [0, 1, 2, 3]],
  ])("for %s finds %j", (text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  it.each(["(cpu", 'MetricName="CPU', "MetricName=", "cpu )"])("for %s is refused", (text) => {
    expect(() => parseSearch(text)).toThrow();
  });
});
