import type { IpPermission } from "@aws-sdk/client-ec2";
import type { Context } from "../../../kernel/context.ts";
import { tagged, unlessGone } from "./resource-kit.ts";

/** A rule as templates write it: with one source or destination. */
interface Rule {
  readonly IpProtocol: string;
  readonly FromPort?: number | string;
  readonly ToPort?: number | string;
  readonly CidrIp?: string;
  readonly CidrIpv6?: string;
  readonly Description?: string;
  readonly SourceSecurityGroupId?: string;
  readonly SourceSecurityGroupName?: string;
  readonly SourcePrefixListId?: string;
  readonly DestinationSecurityGroupId?: string;
  readonly DestinationPrefixListId?: string;
}

const portOf = (port: number | string | undefined) => (port === undefined ? undefined : Number(port));

function permissionOf(rule: Rule): IpPermission {
  const { CidrIp, CidrIpv6, Description, SourceSecurityGroupName: GroupName } = rule;
  const GroupId = rule.SourceSecurityGroupId ?? rule.DestinationSecurityGroupId;
  const PrefixListId = rule.SourcePrefixListId ?? rule.DestinationPrefixListId;
  return {
    IpProtocol: rule.IpProtocol,
    FromPort: portOf(rule.FromPort),
    ToPort: portOf(rule.ToPort),
    ...(CidrIp !== undefined && { IpRanges: [{ CidrIp, Description }] }),
    ...(CidrIpv6 !== undefined && { Ipv6Ranges: [{ CidrIpv6, Description }] }),
    ...(PrefixListId !== undefined && { PrefixListIds: [{ PrefixListId, Description }] }),
    ...((GroupId ?? GroupName) !== undefined && { UserIdGroupPairs: [{ GroupId, GroupName, Description }] }),
  };
}

interface GroupProperties {
  readonly GroupDescription: string;
  readonly GroupName?: string;
  readonly VpcId?: string;
  readonly SecurityGroupIngress?: readonly Rule[];
  readonly SecurityGroupEgress?: readonly Rule[];
}

/** What a new group lets out, where the template says nothing of it. */
const everywhere: Rule = { IpProtocol: "-1", CidrIp: "0.0.0.0/0" };

/** Makes the rules be these, and not those of the previous template any more. */
async function setRules(
  ctx: Context,
  GroupId: string,
  direction: "Ingress" | "Egress",
  now: readonly Rule[],
  before: readonly Rule[],
): Promise<void> {
  const { ec2 } = ctx.call;
  const isIn = (rules: readonly Rule[]) => (rule: Rule) =>
    rules.some((other) => JSON.stringify(permissionOf(other)) === JSON.stringify(permissionOf(rule)));
  // Two rules may differ in their description only, so that the old ones go first.
  for (const rule of before.filter((one) => !isIn(now)(one))) {
    const revoked = { GroupId, IpPermissions: [permissionOf(rule)] };
    await unlessGone("InvalidPermission.NotFound", () => ec2[`revokeSecurityGroup${direction}`](revoked));
  }
  for (const rule of now) {
    const allowed = { GroupId, IpPermissions: [permissionOf(rule)] };
    await unlessGone("InvalidPermission.Duplicate", () => ec2[`authorizeSecurityGroup${direction}`](allowed));
  }
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html */
export const securityGroup = tagged<GroupProperties>({
  type: "security-group",
  prefix: "sg",
  gone: "InvalidGroup.NotFound",
  properties: ["GroupDescription", "GroupName", "VpcId", "SecurityGroupIngress", "SecurityGroupEgress", "Tags"],
  required: ["GroupDescription"],
  replacedBy: ["GroupDescription", "GroupName", "VpcId"],
  async make(ctx, { GroupDescription: Description, GroupName, VpcId }, TagSpecifications, request) {
    const name = GroupName ?? request.generatedName();
    return (await ctx.call.ec2.createSecurityGroup({ GroupName: name, Description, VpcId, TagSpecifications })).GroupId;
  },
  async settle(ctx, id, now, before) {
    const egressOf = ({ SecurityGroupEgress: rules = [] }: GroupProperties) =>
      rules.length > 0 ? rules : [everywhere];
    const egressBefore = before === undefined ? [everywhere] : egressOf(before);
    await setRules(ctx, id, "Ingress", now.SecurityGroupIngress ?? [], before?.SecurityGroupIngress ?? []);
    await setRules(ctx, id, "Egress", egressOf(now), egressBefore);
  },
  async attributes(ctx, GroupId) {
    const { SecurityGroups: [group] = [] } = await ctx.call.ec2.describeSecurityGroups({ GroupIds: [GroupId] });
    return { GroupId, Id: GroupId, VpcId: group?.VpcId };
  },
  remove: (ctx, GroupId) => ctx.call.ec2.deleteSecurityGroup({ GroupId }),
});

function ruleType(direction: "Ingress" | "Egress", members: readonly string[]) {
  return tagged<Rule & { readonly GroupId?: string; readonly GroupName?: string }>({
    type: "security-group-rule",
    prefix: "sgr",
    gone: ["InvalidSecurityGroupRuleId.NotFound", "InvalidGroup.NotFound"],
    properties: members,
    required: ["IpProtocol"],
    replacedBy: members.filter((name) => name !== "Description"),
    async make(ctx, { GroupId, GroupName, ...rule }, TagSpecifications) {
      const asked = { GroupId, IpPermissions: [permissionOf(rule)], TagSpecifications };
      const { SecurityGroupRules: [made] = [] } =
        direction === "Ingress"
          ? await ctx.call.ec2.authorizeSecurityGroupIngress({ ...asked, GroupName })
          : await ctx.call.ec2.authorizeSecurityGroupEgress({ ...asked, GroupId: GroupId ?? "" });
      return made?.SecurityGroupRuleId;
    },
    async settle(ctx, SecurityGroupRuleId, { GroupId, GroupName, Description = "" }, previous) {
      if (previous === undefined || previous.Description === Description) return;
      await ctx.call.ec2[`updateSecurityGroupRuleDescriptions${direction}`]({
        GroupId,
        GroupName,
        SecurityGroupRuleDescriptions: [{ SecurityGroupRuleId, Description }],
      });
    },
    attributes: (_ctx, Id) => ({ Id }),
    remove: (ctx, id, { GroupId, GroupName }) =>
      direction === "Ingress"
        ? ctx.call.ec2.revokeSecurityGroupIngress({ GroupId, GroupName, SecurityGroupRuleIds: [id] })
        : ctx.call.ec2.revokeSecurityGroupEgress({ GroupId: GroupId ?? "", SecurityGroupRuleIds: [id] }),
  });
}

const common = ["IpProtocol", "FromPort", "ToPort", "CidrIp", "CidrIpv6", "Description", "GroupId"];

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroupingress.html */
export const securityGroupIngress = ruleType("Ingress", [
  ...common,
  "GroupName",
  "SourcePrefixListId",
  "SourceSecurityGroupId",
  "SourceSecurityGroupName",
]);

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroupegress.html */
export const securityGroupEgress = ruleType("Egress", [
  ...common,
  "DestinationPrefixListId",
  "DestinationSecurityGroupId",
]);
