import type { IpPermission } from "@aws-sdk/client-ec2";
import { invalidValue } from "../errors.ts";
import type { SecurityGroupRuleRow } from "../model.ts";
import { formatBlock, parseBlock } from "./cidr.ts";

/** One rule without its identity: what makes two rules the same, and its description, which does not. */
export type RuleContent = Pick<
  SecurityGroupRuleRow,
  | "IpProtocol"
  | "FromPort"
  | "ToPort"
  | "CidrIpv4"
  | "CidrIpv6"
  | "PrefixListId"
  | "ReferencedGroupInfo"
  | "Description"
>;

const protocolNames: Readonly<Record<string, string>> = {
  "1": "icmp",
  "6": "tcp",
  "17": "udp",
  "58": "icmpv6",
  all: "-1",
};

function protocolOf(given: string | undefined): string {
  const lower = (given ?? "-1").toLowerCase();
  const name = protocolNames[lower] ?? lower;
  if (["tcp", "udp", "icmp", "icmpv6", "-1"].includes(name) || /^\d{1,3}$/.test(name)) return name;
  throw invalidValue(given, "ipProtocol", "Unknown protocol.");
}

function portsOf(protocol: string, { FromPort: from, ToPort: to }: IpPermission) {
  // All protocols have all ports, whatever was asked for.
  if (protocol !== "tcp" && protocol !== "udp")
    return protocol.startsWith("icmp") ? { FromPort: from ?? -1, ToPort: to ?? -1 } : { FromPort: -1, ToPort: -1 };
  const isPort = (port: number | undefined): port is number => port !== undefined && port >= 0 && port <= 65_535;
  if (!isPort(from) || !isPort(to) || from > to)
    throw invalidValue(`${String(from)}-${String(to)}`, "portRange", "TCP and UDP rules name ports from 0 to 65535.");
  return { FromPort: from, ToPort: to };
}

/**
 * The rules that a list of permissions stands for: one for each source.
 *
 * @param groupOf - finds the id of a security group that a permission names
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
 */
export function rulesOf(
  permissions: readonly IpPermission[],
  groupOf: (named: { readonly GroupId?: string | undefined; readonly GroupName?: string | undefined }) => {
    readonly GroupId: string;
    readonly UserId: string;
  },
): RuleContent[] {
  return permissions.flatMap((permission) => {
    const IpProtocol = protocolOf(permission.IpProtocol);
    const base = { IpProtocol, ...portsOf(IpProtocol, permission) };
    return [
      ...(permission.IpRanges ?? []).map(({ CidrIp = "", Description }): RuleContent => {
        const block = parseBlock(CidrIp);
        if (block === undefined) throw invalidValue(CidrIp, "cidrIp", `CIDR block ${CidrIp} is malformed`);
        return { ...base, CidrIpv4: formatBlock(block), Description };
      }),
      ...(permission.Ipv6Ranges ?? []).map(({ CidrIpv6, Description }): RuleContent => ({
        ...base,
        CidrIpv6,
        Description,
      })),
      ...(permission.PrefixListIds ?? []).map(({ PrefixListId, Description }): RuleContent => ({
        ...base,
        PrefixListId,
        Description,
      })),
      ...(permission.UserIdGroupPairs ?? []).map((pair): RuleContent => ({
        ...base,
        ReferencedGroupInfo: groupOf(pair),
        Description: pair.Description,
      })),
    ];
  });
}

/** What two rules that are the same have in common. */
export function identityOf(rule: RuleContent): string {
  const { IpProtocol, FromPort, ToPort, CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo } = rule;
  return JSON.stringify([IpProtocol, FromPort, ToPort, CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo?.GroupId]);
}

/** A rule as AWS's errors name it. */
export function describeRule(rule: RuleContent): string {
  const peer = rule.CidrIpv4 ?? rule.CidrIpv6 ?? rule.PrefixListId ?? rule.ReferencedGroupInfo?.GroupId ?? "";
  const protocol = rule.IpProtocol === "-1" ? "ALL" : rule.IpProtocol.toUpperCase();
  const ports = rule.FromPort === -1 ? "" : `, from port: ${rule.FromPort}, to port: ${rule.ToPort}`;
  return `"peer: ${peer}, ${protocol}${ports}, ALLOW"`;
}

/** Rules as a group shows them: those of one protocol and port range together. */
export function permissionsOf(rules: readonly SecurityGroupRuleRow[]): IpPermission[] {
  const byPorts = new Map<string, Required<Omit<IpPermission, "FromPort" | "ToPort">> & IpPermission>();
  for (const rule of rules) {
    const { IpProtocol, FromPort, ToPort, Description } = rule;
    const key = JSON.stringify([IpProtocol, FromPort, ToPort]);
    const permission = byPorts.get(key) ?? {
      IpProtocol,
      ...(IpProtocol !== "-1" && { FromPort, ToPort }),
      IpRanges: [],
      Ipv6Ranges: [],
      PrefixListIds: [],
      UserIdGroupPairs: [],
    };
    byPorts.set(key, permission);
    if (rule.CidrIpv4 !== undefined) permission.IpRanges?.push({ CidrIp: rule.CidrIpv4, Description });
    if (rule.CidrIpv6 !== undefined) permission.Ipv6Ranges?.push({ CidrIpv6: rule.CidrIpv6, Description });
    if (rule.PrefixListId !== undefined)
      permission.PrefixListIds?.push({ PrefixListId: rule.PrefixListId, Description });
    if (rule.ReferencedGroupInfo !== undefined) {
      const { GroupId, UserId } = rule.ReferencedGroupInfo;
      permission.UserIdGroupPairs?.push({ GroupId, UserId, Description });
    }
  }
  return [...byPorts.values()];
}
