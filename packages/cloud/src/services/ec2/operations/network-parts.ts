import type { Context } from "../../../kernel/context.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { matcher } from "../filters.ts";
import { showNetworkInterface } from "../instances/showing.ts";
import { kinds } from "../kinds.ts";
import { describeKind, invalidToken, pageSize, withTags } from "../resources-of-kind.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { tagsOf } from "../tags.ts";

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkAcls.html */
export const describeNetworkAcls: Handler<Sdk, "describeNetworkAcls"> = (ctx, input) => {
  const { items, next } = describeKind(ctx, kinds.networkAcl, input.NetworkAclIds, input, (row) =>
    withTags(ctx, row.NetworkAclId, row),
  );
  return { NetworkAcls: items, NextToken: next };
};

const vpnFilters = {
  "amazon-side-asn": "AmazonSideAsn",
  "attachment.state": "VpcAttachments.State",
  "attachment.vpc-id": "VpcAttachments.VpcId",
  "availability-zone": "AvailabilityZone",
  state: "State",
  type: "Type",
  "vpn-gateway-id": "VpnGatewayId",
};

/**
 * There are none. The CDK asks when it looks a VPC up.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpnGateways.html
 */
export const describeVpnGateways: Handler<Sdk, "describeVpnGateways"> = (_ctx, input) => {
  matcher(input.Filters, vpnFilters);
  const [id] = input.VpnGatewayIds ?? [];
  if (id !== undefined) throw errors["InvalidVpnGatewayID.NotFound"](`The vpnGateway ID '${id}' does not exist`);
  return { VpnGateways: [] };
};

const interfaceFilters = {
  "attachment.attachment-id": "Attachment.AttachmentId",
  "attachment.instance-id": "Attachment.InstanceId",
  "attachment.status": "Attachment.Status",
  "availability-zone": "AvailabilityZone",
  description: "Description",
  "group-id": "Groups.GroupId",
  "group-name": "Groups.GroupName",
  "interface-type": "InterfaceType",
  "mac-address": "MacAddress",
  "network-interface-id": "NetworkInterfaceId",
  "owner-id": "OwnerId",
  "private-dns-name": "PrivateDnsName",
  "private-ip-address": "PrivateIpAddress",
  status: "Status",
  "subnet-id": "SubnetId",
  "vpc-id": "VpcId",
};

/** The network interfaces of instances: there are no others. */
function interfacesOf(ctx: Context) {
  const rows = [...ctx.table(tables.instances).values()].filter(({ state }) => state !== "terminated");
  return rows.map((row) => {
    const { Attachment, ...shown } = showNetworkInterface(ctx, row);
    return {
      ...shown,
      Attachment: { ...Attachment, InstanceId: row.id, InstanceOwnerId: ctx.account },
      AvailabilityZone: row.zone,
      InterfaceType: "interface" as const,
      RequesterManaged: false,
      TagSet: tagsOf(ctx, row.networkInterfaceId),
    };
  });
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html */
export const describeNetworkInterfaces: Handler<Sdk, "describeNetworkInterfaces"> = (ctx, input) => {
  const { NetworkInterfaceIds: ids = [] } = input;
  const all = interfacesOf(ctx);
  const missing = ids.filter((id) => !all.some(({ NetworkInterfaceId }) => NetworkInterfaceId === id));
  if (missing.length > 0)
    throw errors["InvalidNetworkInterfaceID.NotFound"](
      `The networkInterface ID '${missing.join(", ")}' does not exist`,
    );
  const matches = matcher(input.Filters, interfaceFilters);
  const wanted = all
    .filter(({ NetworkInterfaceId = "" }) => ids.length === 0 || ids.includes(NetworkInterfaceId))
    .filter((shown) => matches({ ...shown, Tags: shown.TagSet }));
  const { items, next } = pageOfList(wanted, input.NextToken, pageSize(input.MaxResults), invalidToken);
  return { NetworkInterfaces: items, NextToken: next };
};
