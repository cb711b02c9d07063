import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { parsePath } from "../delivery/input.ts";
import { errors } from "../errors.ts";
import type { Target } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { findRule, tables, targetsOf } from "../store.ts";
import { targetKind } from "../targets/kinds.ts";

const mostTargets = 5;

/** What keeps a target from being taken; undefined if nothing does. */
function faultOf(target: Target): string | undefined {
  const { Arn, Input, InputPath, InputTransformer } = target;
  const kind = targetKind(Arn);
  if (kind === undefined)
    return `Trysail cannot send events to ${Arn}: it has Lambda functions, Kinesis streams, SNS topics, pipelines, CodeBuild projects, log groups, ECS clusters and event buses.`;
  if (target.DeadLetterConfig?.Arn !== undefined)
    return "Trysail has no SQS queues for events that cannot be delivered: leave out DeadLetterConfig.";
  if ([Input, InputPath, InputTransformer].filter((one) => one !== undefined).length > 1)
    return "Only one of Input, InputPath, or InputTransformer must be provided.";
  if (Input !== undefined && !isJson(Input)) return `JSON syntax error in input for target ${target.Id}`;
  const paths = [InputPath, ...Object.values(InputTransformer?.InputPathsMap ?? {})];
  const bad = paths.find((path) => path !== undefined && parsePath(path) === undefined);
  if (bad !== undefined) return `Invalid InputPath for target ${target.Id}: ${bad}`;
  if (kind === "ecs" && target.EcsParameters?.TaskDefinitionArn === undefined)
    return `EcsParameters with a TaskDefinitionArn must be provided for target ${target.Id}.`;
  return undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Those that cannot be taken are told one by one. @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html */
export const putTargets: Handler<Sdk, "putTargets"> = (ctx, input) => {
  const rule = findRule(ctx, input.EventBusName, input.Rule);
  const rows = ctx.table(tables.targets);
  const failed = [];
  for (const given of input.Targets) {
    const target = { ...given, Id: given.Id ?? "", Arn: given.Arn ?? "" };
    const isNew = !rows.has([rule.bus, rule.name, target.Id]);
    const fault =
      isNew && targetsOf(ctx, rule).length >= mostTargets
        ? `The requested resource exceeds the maximum number allowed: ${mostTargets} targets for a rule.`
        : faultOf(target);
    if (fault === undefined) rows.put([rule.bus, rule.name, target.Id], target);
    else failed.push({ TargetId: target.Id, ErrorCode: "ValidationException", ErrorMessage: fault });
  }
  return { FailedEntryCount: failed.length, FailedEntries: failed };
};

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RemoveTargets.html */
export const removeTargets: Handler<Sdk, "removeTargets"> = (ctx, input) => {
  const { bus, name } = findRule(ctx, input.EventBusName, input.Rule);
  const failed = input.Ids.flatMap((Id) =>
    ctx.table(tables.targets).delete([bus, name, Id])
      ? []
      : [
          {
            TargetId: Id,
            ErrorCode: "ResourceNotFoundException",
            ErrorMessage: `Rule ${name} does not have a target ${Id}.`,
          },
        ],
  );
  return { FailedEntryCount: failed.length, FailedEntries: failed };
};

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTargetsByRule.html */
export const listTargetsByRule: Handler<Sdk, "listTargetsByRule"> = (ctx, input) => {
  const all = targetsOf(ctx, findRule(ctx, input.EventBusName, input.Rule));
  const { items, next } = pageOfList(all, input.NextToken, input.Limit ?? 100, errors.ValidationException);
  return { Targets: items, NextToken: next };
};
