import type { Context, DeliveredEvent } from "../../../kernel/context.ts";
import type { Host } from "../../../kernel/host.ts";
import { parsePattern } from "../../../event-pattern/pattern.ts";
import type { Pattern } from "../../../event-pattern/pattern.ts";
import { eventJson, isEnabled } from "../model.ts";
import type { Rule } from "../model.ts";
import { tables } from "../store.ts";

/** Patterns that were read, by bus: an event must not cost a parse for each rule. */
const known = new WeakMap<Host, Map<string, readonly { readonly rule: Rule; readonly pattern: Pattern }[]>>();

const nameOf = ({ account, region }: Context, bus: string) => `${account}/${region}/${bus}`;

/** To be called when a bus's rules have changed. */
export function forgetRules(ctx: Context, bus: string): void {
  known.get(ctx.host)?.delete(nameOf(ctx, bus));
}

/** The enabled rules of a bus whose patterns an event matches. */
export function matchingRules(ctx: Context, bus: string, event: DeliveredEvent): readonly Rule[] {
  let all = known.get(ctx.host);
  if (all === undefined) known.set(ctx.host, (all = new Map()));
  let rules = all.get(nameOf(ctx, bus));
  if (rules === undefined) {
    rules = [...ctx.table(tables.rules).values({ prefix: [bus] })].flatMap((rule) =>
      rule.pattern !== undefined && isEnabled(rule) ? [{ rule, pattern: parsePattern(rule.pattern) }] : [],
    );
    all.set(nameOf(ctx, bus), rules);
  }
  if (rules.length === 0) return [];
  const json = eventJson(event);
  return rules.filter(({ pattern }) => pattern(json)).map(({ rule }) => rule);
}
