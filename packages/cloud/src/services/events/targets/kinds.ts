import { errors } from "../errors.ts";

/** What Trysail can send events to. */
export type TargetKind = "lambda" | "kinesis" | "sns" | "codepipeline" | "codebuild" | "logs" | "ecs" | "bus";

const patterns: Readonly<Record<TargetKind, RegExp>> = {
  lambda: /^arn:[^:]+:lambda:[^:]*:[^:]*:function:/,
  kinesis: /^arn:[^:]+:kinesis:[^:]*:[^:]*:stream\//,
  sns: /^arn:[^:]+:sns:[^:]*:[^:]*:[^:]+$/,
  codepipeline: /^arn:[^:]+:codepipeline:[^:]*:[^:]*:[^:]+$/,
  codebuild: /^arn:[^:]+:codebuild:[^:]*:[^:]*:project\//,
  logs: /^arn:[^:]+:logs:[^:]*:[^:]*:log-group:/,
  ecs: /^arn:[^:]+:ecs:[^:]*:[^:]*:cluster\//,
  bus: /^arn:[^:]+:events:[^:]*:[^:]*:event-bus\//,
};

/** @returns undefined for what Trysail cannot send events to */
export function targetKind(arn: string): TargetKind | undefined {
  return (Object.keys(patterns) as TargetKind[]).find((kind) => patterns[kind].test(arn));
}

/** What an ARN tells of where its resource is, and what it is called. */
export function partsOf(arn: string): { readonly region: string; readonly account: string; readonly resource: string } {
  const [, , , region = "", account = "", ...resource] = arn.split(":");
  if (resource.length === 0) throw errors.ValidationException(`Provided Arn is not in correct format. ${arn}`);
  return { region, account, resource: resource.join(":") };
}
