import type { Context } from "../../../kernel/context.ts";
import { kinds } from "../kinds.ts";
import type { SecurityGroupRow, SecurityGroupRuleRow } from "../model.ts";
import { find } from "../resources-of-kind.ts";
import { tables } from "../store.ts";

export function groupNamed(ctx: Context, vpcId: string, name: string): SecurityGroupRow | undefined {
  return [...ctx.table(tables.securityGroups).values()].find(
    ({ VpcId, GroupName }) => VpcId === vpcId && GroupName === name,
  );
}

/** In the order in which they were added. */
export function rulesOfGroup(ctx: Context, groupId: string): SecurityGroupRuleRow[] {
  return find(ctx, kinds.securityGroup, groupId).ruleIds.map((id) => find(ctx, kinds.securityGroupRule, id));
}
