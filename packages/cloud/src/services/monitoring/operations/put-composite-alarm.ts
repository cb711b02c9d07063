import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { childrenOf, parseRule } from "../alarms/rule.ts";
import type { Rule } from "../alarms/rule.ts";
import { nameOf } from "../alarms/watching.ts";
import { errors } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { commonOf, saveAlarm } from "./save-alarm.ts";

const mostChildren = 100;

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html */
export const putCompositeAlarm: Handler<Sdk, "putCompositeAlarm"> = (ctx, input) => {
  if (input.ActionsSuppressor !== undefined)
    throw errors.ValidationError("Trysail does not suppress alarm actions: leave out ActionsSuppressor.");
  const { AlarmName: name, AlarmRule: text } = input;
  const children = childrenOf(parsed(text)).map(nameOf);
  if (children.length > mostChildren)
    throw errors.ValidationError(`AlarmRule must not have more than ${mostChildren} alarms.`);
  for (const child of children) {
    if (!ctx.table(tables.alarms).has(child) && child !== name)
      throw errors.ValidationError(
        `Could not save the composite alarm as alarms [${child}] in the alarm rule do not exist`,
      );
    if (child === name || descendantsOf(ctx, child).has(name))
      throw errors.ValidationError(`Could not save the composite alarm as its rule leads back to ${name}`);
  }
  saveAlarm(ctx, { ...commonOf(ctx, input), kind: "composite", rule: text });
  return {};
};

function parsed(text: string): Rule {
  try {
    return parseRule(text);
  } catch (error) {
    throw errors.ValidationError(`AlarmRule is not valid: ${(error as Error).message}`);
  }
}

/** All alarms that an alarm depends on. */
function descendantsOf(ctx: Context, name: string, found = new Set<string>()): ReadonlySet<string> {
  const alarm = ctx.table(tables.alarms).get(name);
  if (alarm?.kind !== "composite") return found;
  for (const child of childrenOf(parseRule(alarm.rule)).map(nameOf)) {
    if (found.has(child)) continue;
    found.add(child);
    descendantsOf(ctx, child, found);
  }
  return found;
}
