import type { Rule as RuleShape } from "@aws-sdk/client-eventbridge";
import { PatternError } from "../../../event-pattern/matcher.ts";
import { parsePattern } from "../../../event-pattern/pattern.ts";
import type { Context } from "../../../kernel/context.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { readTags, tagList, withoutTags } from "../../../kernel/tags.ts";
import { parseSchedule } from "../../../schedules/schedule.ts";
import { forgetRules } from "../delivery/matching.ts";
import { errors } from "../errors.ts";
import { defaultBus } from "../model.ts";
import type { Bus, Rule } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { busName, findBus, findRule, ruleArn, tables, targetsOf } from "../store.ts";

const states = ["ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"] as const;

/** @throws AwsError `InvalidEventPatternException` */
export function checkPattern(text: string): ReturnType<typeof parsePattern> {
  try {
    return parsePattern(text);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw errors.InvalidEventPatternException(`Event pattern is not valid. Reason: ${error.message}`);
  }
}

function save(ctx: Context, rule: Rule): void {
  ctx.table(tables.rules).put([rule.bus, rule.name], rule);
  forgetRules(ctx, rule.bus);
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html */
export const putRule: Handler<Sdk, "putRule"> = (ctx, input) => {
  const { Name: name, EventPattern: pattern, ScheduleExpression: schedule, State: state = "ENABLED" } = input;
  const bus = findBus(ctx, input.EventBusName);
  if (!/^[\w.-]{1,64}$/.test(name))
    throw errors.ValidationException(
      `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+`,
    );
  if (pattern === undefined && schedule === undefined)
    throw errors.ValidationException("Parameter(s) EventPattern or ScheduleExpression must be specified.");
  if (!states.some((one) => one === state))
    throw errors.ValidationException(`State must be one of ${states.join(", ")}. Value: ${state}`);
  if (pattern !== undefined) checkPattern(pattern);
  if (schedule !== undefined) {
    if (bus.name !== defaultBus)
      throw errors.ValidationException("ScheduleExpression is supported only on the default event bus.");
    if (schedule.startsWith("at(") || parseSchedule(schedule) === undefined)
      throw errors.ValidationException("Parameter ScheduleExpression is not valid.");
  }
  const before = ctx.table(tables.rules).get([bus.name, name]);
  const rule: Rule = {
    bus: bus.name,
    name,
    arn: ruleArn(ctx, bus.name, name),
    pattern,
    schedule,
    state,
    description: input.Description,
    roleArn: input.RoleArn,
    createdBy: ctx.account,
    createdAt: before?.createdAt ?? ctx.now,
    tags: before?.tags ?? readTags(input.Tags),
  };
  save(ctx, rule);
  return { RuleArn: rule.arn };
};

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteRule.html */
export const deleteRule: Handler<Sdk, "deleteRule"> = (ctx, { Name: name, EventBusName }) => {
  const bus = findBus(ctx, EventBusName).name;
  const rule = ctx.table(tables.rules).get([bus, name]);
  // One that there is not is deleted already.
  if (rule === undefined) return {};
  if (targetsOf(ctx, rule).length > 0) throw errors.ValidationException("Rule can't be deleted since it has targets.");
  ctx.table(tables.rules).delete([bus, name]);
  ctx.table(tables.times).delete([bus, name]);
  forgetRules(ctx, bus);
  return {};
};

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EnableRule.html */
export const enableRule: Handler<Sdk, "enableRule"> = (ctx, input) => {
  save(ctx, { ...findRule(ctx, input.EventBusName, input.Name), state: "ENABLED" });
  return {};
};

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DisableRule.html */
export const disableRule: Handler<Sdk, "disableRule"> = (ctx, input) => {
  save(ctx, { ...findRule(ctx, input.EventBusName, input.Name), state: "DISABLED" });
  return {};
};

function describe(rule: Rule): RuleShape {
  return {
    Name: rule.name,
    Arn: rule.arn,
    EventPattern: rule.pattern,
    ScheduleExpression: rule.schedule,
    State: rule.state,
    Description: rule.description,
    RoleArn: rule.roleArn,
    EventBusName: rule.bus,
  };
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeRule.html */
export const describeRule: Handler<Sdk, "describeRule"> = (ctx, input) => {
  const rule = findRule(ctx, input.EventBusName, input.Name);
  return { ...describe(rule), CreatedBy: rule.createdBy };
};

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRules.html */
export const listRules: Handler<Sdk, "listRules"> = (ctx, input) => {
  const bus = findBus(ctx, input.EventBusName).name;
  const found = [...ctx.table(tables.rules).values({ prefix: [bus], startsWith: input.NamePrefix ?? "" })];
  const { items, next } = pageOfList(found, input.NextToken, input.Limit ?? 100, errors.ValidationException);
  return { Rules: items.map(describe), NextToken: next };
};

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRuleNamesByTarget.html */
export const listRuleNamesByTarget: Handler<Sdk, "listRuleNamesByTarget"> = (ctx, input) => {
  const bus = findBus(ctx, input.EventBusName).name;
  const names = [...ctx.table(tables.targets).entries({ prefix: [bus] })].flatMap(([[, rule], { Arn }]) =>
    Arn === input.TargetArn ? [rule] : [],
  );
  const unique = [...new Set(names)];
  const { items, next } = pageOfList(unique, input.NextToken, input.Limit ?? 100, errors.ValidationException);
  return { RuleNames: items, NextToken: next };
};

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html */
export const testEventPattern: Handler<Sdk, "testEventPattern"> = (_, input) => {
  const pattern = checkPattern(input.EventPattern);
  let event: unknown;
  try {
    event = JSON.parse(input.Event);
  } catch {
    throw errors.ValidationException("Parameter Event is not valid JSON.");
  }
  return { Result: pattern(event) };
};

/** A rule or a bus. @throws AwsError `ResourceNotFoundException` */
function tagged(ctx: Context, arn: string): { readonly rule: Rule } | { readonly bus: Bus } {
  const [, path] = /:rule\/(.+)$/.exec(arn) ?? [];
  if (path === undefined) return { bus: findBus(ctx, busName(arn)) };
  const slash = path.lastIndexOf("/");
  return { rule: findRule(ctx, slash < 0 ? undefined : path.slice(0, slash), path.slice(slash + 1)) };
}

function putTags(ctx: Context, arn: string, change: (tags: Rule["tags"]) => Rule["tags"]): void {
  const found = tagged(ctx, arn);
  if ("rule" in found) save(ctx, { ...found.rule, tags: change(found.rule.tags) });
  else ctx.table(tables.buses).put(found.bus.name, { ...found.bus, tags: change(found.bus.tags) });
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TagResource.html */
export const tagResource: Handler<Sdk, "tagResource"> = (ctx, input) => {
  putTags(ctx, input.ResourceARN, (tags) => readTags(input.Tags, tags));
  return {};
};

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UntagResource.html */
export const untagResource: Handler<Sdk, "untagResource"> = (ctx, input) => {
  putTags(ctx, input.ResourceARN, (tags) => withoutTags(tags, input.TagKeys));
  return {};
};

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTagsForResource.html */
export const listTagsForResource: Handler<Sdk, "listTagsForResource"> = (ctx, input) => {
  const found = tagged(ctx, input.ResourceARN);
  return { Tags: tagList("rule" in found ? found.rule.tags : found.bus.tags) };
};
