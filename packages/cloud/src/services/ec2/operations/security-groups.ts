import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors, invalidValue, required } from "../errors.ts";
import { kinds } from "../kinds.ts";
import type { SecurityGroupRow } from "../model.ts";
import { defaultVpc } from "../networking/default-vpc.ts";
import { makeSecurityGroup } from "../networking/making.ts";
import { removeWithTags } from "../networking/removing.ts";
import { permissionsOf } from "../networking/rules.ts";
import { groupNamed, rulesOfGroup } from "../networking/security-groups.ts";
import { describeKind, find, withTags } from "../resources-of-kind.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { checkSpecifications, putTags, specifiedTags, tagsOf } from "../tags.ts";

function show(ctx: Context, group: SecurityGroupRow) {
  const { ruleIds: _, ...row } = group;
  const rules = rulesOfGroup(ctx, row.GroupId);
  return {
    ...withTags(ctx, row.GroupId, row),
    IpPermissions: permissionsOf(rules.filter(({ IsEgress }) => !IsEgress)),
    IpPermissionsEgress: permissionsOf(rules.filter(({ IsEgress }) => IsEgress)),
  };
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html */
export const createSecurityGroup: Handler<Sdk, "createSecurityGroup"> = (ctx, input) => {
  const { GroupName, Description } = input;
  const VpcId = input.VpcId ?? defaultVpc(ctx)?.VpcId;
  if (VpcId === undefined) throw errors.VPCIdNotSpecified("No default VPC for this user");
  find(ctx, kinds.vpc, VpcId);
  const characters = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/;
  if (!characters.test(GroupName) || GroupName.startsWith("sg-"))
    throw invalidValue(GroupName, "GroupName", "Group names may not be in the format sg-*.");
  if (!characters.test(Description))
    throw invalidValue(Description, "GroupDescription", "Character sets beyond ASCII are not supported.");
  if (GroupName === "default") throw errors.InvalidParameterValue("Cannot use reserved security group name: default");
  if (groupNamed(ctx, VpcId, GroupName) !== undefined)
    throw errors["InvalidGroup.Duplicate"](`The security group '${GroupName}' already exists for VPC '${VpcId}'`);
  checkSpecifications(input.TagSpecifications, "security-group");
  const GroupId = makeSecurityGroup(ctx, { GroupName, Description, VpcId });
  putTags(ctx, GroupId, specifiedTags(input.TagSpecifications, "security-group"));
  const { SecurityGroupArn } = find(ctx, kinds.securityGroup, GroupId);
  return { GroupId, SecurityGroupArn, Tags: tagsOf(ctx, GroupId) };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroups.html */
export const describeSecurityGroups: Handler<Sdk, "describeSecurityGroups"> = (ctx, input) => {
  const vpc = defaultVpc(ctx)?.VpcId ?? "";
  // Names are those of the default VPC's groups.
  const named = (input.GroupNames ?? []).map((name) => {
    const group = groupNamed(ctx, vpc, name);
    if (group === undefined)
      throw errors["InvalidGroup.NotFound"](`The security group '${name}' does not exist in default VPC '${vpc}'`);
    return group.GroupId;
  });
  const ids = [...(input.GroupIds ?? []), ...named];
  const { items, next } = describeKind(ctx, kinds.securityGroup, ids, input, (row) => show(ctx, row));
  return { SecurityGroups: items, NextToken: next };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html */
export const deleteSecurityGroup: Handler<Sdk, "deleteSecurityGroup"> = (ctx, input) => {
  const id =
    input.GroupId ??
    groupNamed(ctx, defaultVpc(ctx)?.VpcId ?? "", required(input.GroupName, "groupId"))?.GroupId ??
    input.GroupName ??
    "";
  const { GroupId, GroupName, ruleIds } = find(ctx, kinds.securityGroup, id);
  if (GroupName === "default")
    throw errors.CannotDelete(`the specified group: "${GroupId}" name: "default" cannot be deleted by a user`);
  const isUsed =
    [...ctx.table(tables.securityGroupRules).values()].some(
      (rule) => rule.ReferencedGroupInfo?.GroupId === GroupId && rule.GroupId !== GroupId,
    ) ||
    [...ctx.table(tables.instances).values()].some(
      (row) => row.securityGroupIds.includes(GroupId) && row.state !== "terminated",
    ) ||
    [...ctx.table(tables.vpcEndpoints).values()].some(({ Groups = [] }) =>
      Groups.some((group) => group.GroupId === GroupId),
    );
  if (isUsed) throw errors.DependencyViolation(`resource ${GroupId} has a dependent object`);
  for (const rule of ruleIds) removeWithTags(ctx, kinds.securityGroupRule, rule);
  removeWithTags(ctx, kinds.securityGroup, GroupId);
  return { Return: true, GroupId };
};
