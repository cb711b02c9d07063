import type { IpPermission, SecurityGroupRuleDescription, TagSpecification } from "@aws-sdk/client-ec2";
import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors, required } from "../errors.ts";
import { kinds } from "../kinds.ts";
import type { SecurityGroupRow, SecurityGroupRuleRow } from "../model.ts";
import { defaultVpc } from "../networking/default-vpc.ts";
import { arnOf } from "../networking/making.ts";
import { removeWithTags } from "../networking/removing.ts";
import { describeRule, identityOf, rulesOf } from "../networking/rules.ts";
import type { RuleContent } from "../networking/rules.ts";
import { groupNamed, rulesOfGroup } from "../networking/security-groups.ts";
import { describeKind, find, findAll, newId, withTags } from "../resources-of-kind.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { checkSpecifications, putTags, specifiedTags } from "../tags.ts";

/** What the requests of all four operations may have: whole permissions, or the parts of one. */
interface RulesInput {
  readonly GroupId?: string | undefined;
  readonly GroupName?: string | undefined;
  readonly IpPermissions?: readonly IpPermission[] | undefined;
  readonly IpProtocol?: string | undefined;
  readonly FromPort?: number | undefined;
  readonly ToPort?: number | undefined;
  readonly CidrIp?: string | undefined;
  readonly SourceSecurityGroupName?: string | undefined;
  readonly SecurityGroupRuleIds?: readonly string[] | undefined;
  readonly TagSpecifications?: readonly TagSpecification[] | undefined;
}

function groupOf(ctx: Context, { GroupId, GroupName }: RulesInput): SecurityGroupRow {
  if (GroupId !== undefined) return find(ctx, kinds.securityGroup, GroupId);
  const name = required(GroupName, "groupId");
  const group = groupNamed(ctx, defaultVpc(ctx)?.VpcId ?? "", name);
  if (group === undefined) throw kinds.securityGroup.notFound(name);
  return group;
}

function askedRules(ctx: Context, group: SecurityGroupRow, input: RulesInput): RuleContent[] {
  const { IpProtocol, FromPort, ToPort, CidrIp, SourceSecurityGroupName: source } = input;
  const single: IpPermission = {
    IpProtocol,
    FromPort,
    ToPort,
    ...(CidrIp !== undefined && { IpRanges: [{ CidrIp }] }),
    ...(source !== undefined && { UserIdGroupPairs: [{ GroupName: source }] }),
  };
  const permissions = input.IpPermissions ?? (CidrIp === undefined && source === undefined ? [] : [single]);
  return rulesOf(permissions, ({ GroupId, GroupName }) => {
    const named = GroupId === undefined ? groupNamed(ctx, group.VpcId, GroupName ?? "") : undefined;
    const found = find(ctx, kinds.securityGroup, GroupId ?? named?.GroupId ?? GroupName ?? "");
    return { GroupId: found.GroupId, UserId: found.OwnerId };
  });
}

function authorize(ctx: Context, input: RulesInput, IsEgress: boolean) {
  const group = groupOf(ctx, input);
  const asked = askedRules(ctx, group, input);
  if (asked.length === 0)
    throw errors.InvalidParameterValue("IpPermissions must contain at least one source or destination.");
  const existing = new Set(
    rulesOfGroup(ctx, group.GroupId)
      .filter((rule) => rule.IsEgress === IsEgress)
      .map(identityOf),
  );
  checkSpecifications(input.TagSpecifications, "security-group-rule");
  const added = asked.map((rule): SecurityGroupRuleRow => {
    if (existing.has(identityOf(rule)))
      throw errors["InvalidPermission.Duplicate"](`the specified rule ${describeRule(rule)} already exists`);
    existing.add(identityOf(rule));
    const SecurityGroupRuleId = newId(ctx, kinds.securityGroupRule);
    return {
      ...rule,
      SecurityGroupRuleId,
      SecurityGroupRuleArn: arnOf(ctx, "security-group-rule", SecurityGroupRuleId),
      GroupId: group.GroupId,
      GroupOwnerId: group.OwnerId,
      IsEgress,
    };
  });
  for (const rule of added) {
    ctx.table(tables.securityGroupRules).put(rule.SecurityGroupRuleId, rule);
    putTags(ctx, rule.SecurityGroupRuleId, specifiedTags(input.TagSpecifications, "security-group-rule"));
  }
  const ruleIds = [...group.ruleIds, ...added.map(({ SecurityGroupRuleId }) => SecurityGroupRuleId)];
  ctx.table(tables.securityGroups).put(group.GroupId, { ...group, ruleIds });
  return { Return: true, SecurityGroupRules: added.map((rule) => withTags(ctx, rule.SecurityGroupRuleId, rule)) };
}

function revoke(ctx: Context, input: RulesInput, IsEgress: boolean) {
  const group = groupOf(ctx, input);
  const existing = rulesOfGroup(ctx, group.GroupId).filter((rule) => rule.IsEgress === IsEgress);
  const byId = findAll(ctx, kinds.securityGroupRule, input.SecurityGroupRuleIds ?? []);
  const byContent = askedRules(ctx, group, input).map((asked) => {
    const found = existing.find((rule) => identityOf(rule) === identityOf(asked));
    if (found === undefined)
      throw errors["InvalidPermission.NotFound"]("The specified rule does not exist in this security group.");
    return found;
  });
  const gone = new Map([...byId, ...byContent].map((rule) => [rule.SecurityGroupRuleId, rule]));
  for (const id of gone.keys()) {
    if (!existing.some(({ SecurityGroupRuleId }) => SecurityGroupRuleId === id))
      throw kinds.securityGroupRule.notFound(id);
    removeWithTags(ctx, kinds.securityGroupRule, id);
  }
  const ruleIds = group.ruleIds.filter((id) => !gone.has(id));
  ctx.table(tables.securityGroups).put(group.GroupId, { ...group, ruleIds });
  return {
    Return: true,
    RevokedSecurityGroupRules: [...gone.values()].map(({ ReferencedGroupInfo, ...rule }) => ({
      ...rule,
      ReferencedGroupId: ReferencedGroupInfo?.GroupId,
    })),
  };
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html */
export const authorizeSecurityGroupIngress: Handler<Sdk, "authorizeSecurityGroupIngress"> = (ctx, input) =>
  authorize(ctx, input, false);

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupEgress.html */
export const authorizeSecurityGroupEgress: Handler<Sdk, "authorizeSecurityGroupEgress"> = (ctx, input) =>
  authorize(ctx, input, true);

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupIngress.html */
export const revokeSecurityGroupIngress: Handler<Sdk, "revokeSecurityGroupIngress"> = (ctx, input) =>
  revoke(ctx, input, false);

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupEgress.html */
export const revokeSecurityGroupEgress: Handler<Sdk, "revokeSecurityGroupEgress"> = (ctx, input) =>
  revoke(ctx, input, true);

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroupRules.html */
export const describeSecurityGroupRules: Handler<Sdk, "describeSecurityGroupRules"> = (ctx, input) => {
  const { items, next } = describeKind(ctx, kinds.securityGroupRule, input.SecurityGroupRuleIds, input, (row) =>
    withTags(ctx, row.SecurityGroupRuleId, row),
  );
  return { SecurityGroupRules: items, NextToken: next };
};

/** Gives rules of a group other descriptions. */
function redescribe(ctx: Context, input: RulesInput, descriptions: ReadonlyMap<string, string | undefined>) {
  const group = groupOf(ctx, input);
  for (const asked of askedRules(ctx, group, input)) {
    const found = rulesOfGroup(ctx, group.GroupId).find((rule) => identityOf(rule) === identityOf(asked));
    if (found === undefined)
      throw errors["InvalidPermission.NotFound"]("The specified rule does not exist in this security group.");
    ctx.table(tables.securityGroupRules).put(found.SecurityGroupRuleId, { ...found, Description: asked.Description });
  }
  for (const [id, Description] of descriptions) {
    const found = find(ctx, kinds.securityGroupRule, id);
    ctx.table(tables.securityGroupRules).put(id, { ...found, Description });
  }
  return { Return: true };
}

const descriptionsOf = (given: readonly SecurityGroupRuleDescription[] | undefined) =>
  new Map((given ?? []).map(({ SecurityGroupRuleId = "", Description }) => [SecurityGroupRuleId, Description]));

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UpdateSecurityGroupRuleDescriptionsIngress.html */
export const updateSecurityGroupRuleDescriptionsIngress: Handler<Sdk, "updateSecurityGroupRuleDescriptionsIngress"> = (
  ctx,
  input,
) => redescribe(ctx, input, descriptionsOf(input.SecurityGroupRuleDescriptions));

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UpdateSecurityGroupRuleDescriptionsEgress.html */
export const updateSecurityGroupRuleDescriptionsEgress: Handler<Sdk, "updateSecurityGroupRuleDescriptionsEgress"> = (
  ctx,
  input,
) => redescribe(ctx, input, descriptionsOf(input.SecurityGroupRuleDescriptions));
