import type { ConfigurationKey } from "./action-types.ts";

/** What is known of a rule type. All are owned by AWS and have version 1. */
export interface RuleTypeFacts {
  readonly provider: string;
  readonly inputs: readonly [minimum: number, maximum: number];
  readonly configuration: Readonly<Record<string, ConfigurationKey>>;
}

/** How a VariableCheck compares. */
export const operators = ["EQ", "NE", "CONTAINS", "MATCHES"] as const;

/**
 * The rules that there are.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference.html
 */
export const ruleTypes: readonly RuleTypeFacts[] = [
  {
    provider: "CloudWatchAlarm",
    inputs: [0, 0],
    configuration: { AlarmName: { required: true }, AlarmStates: {}, WaitTime: {} },
  },
  {
    provider: "VariableCheck",
    inputs: [0, 1],
    configuration: {
      Variable: { required: true },
      Value: { required: true },
      Operator: { required: true, values: operators },
    },
  },
  { provider: "DeploymentWindow", inputs: [0, 0], configuration: { Cron: { required: true }, TimeZone: {} } },
  { provider: "LambdaInvoke", inputs: [0, 5], configuration: { FunctionName: { required: true }, UserParameters: {} } },
  {
    provider: "Commands",
    inputs: [0, 10],
    configuration: { PrimarySource: {}, EnvironmentType: {}, ComputeType: {}, Image: {} },
  },
  {
    provider: "CodeBuild",
    inputs: [0, 5],
    configuration: { ProjectName: { required: true }, PrimarySource: {}, EnvironmentVariables: {} },
  },
];

export function ruleType(provider: string): RuleTypeFacts | undefined {
  return ruleTypes.find((facts) => facts.provider === provider);
}
