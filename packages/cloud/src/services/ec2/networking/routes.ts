import type { Route } from "@aws-sdk/client-ec2";
import type { Context } from "../../../kernel/context.ts";
import { errors, invalidValue, refuse } from "../errors.ts";
import { kinds } from "../kinds.ts";
import { find } from "../resources-of-kind.ts";
import { formatBlock, parseBlock } from "./cidr.ts";

/** What a request says of a route. */
export type RouteInput = Omit<Route, "State" | "Origin">;

/** Where a route leads to: what tells it from the others of its table. */
export function destinationOf(route: RouteInput): string {
  return route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock ?? route.DestinationPrefixListId ?? "";
}

export function nameOfDestination(route: RouteInput): string {
  if (route.DestinationCidrBlock !== undefined) return "destination-cidr-block";
  return route.DestinationIpv6CidrBlock === undefined ? "destination-prefix-list-id" : "destination-ipv6-cidr-block";
}

/** A route whose target is there. @throws AwsError */
export function checkedRoute(ctx: Context, input: RouteInput): Route {
  refuse(
    input,
    [
      "CarrierGatewayId",
      "CoreNetworkArn",
      "EgressOnlyInternetGatewayId",
      "LocalGatewayId",
      "OdbNetworkArn",
      "TransitGatewayId",
      "VpcPeeringConnectionId",
    ],
    "Trysail has internet gateways, NAT gateways, instances and network interfaces as targets of routes.",
  );
  const { DestinationCidrBlock, DestinationIpv6CidrBlock, DestinationPrefixListId } = input;
  if (destinationOf(input) === "")
    throw errors.MissingParameter(
      "The request must contain exactly one of destinationCidrBlock, destinationIpv6CidrBlock, destinationPrefixListId",
    );
  const block = DestinationCidrBlock === undefined ? undefined : parseBlock(DestinationCidrBlock);
  if (DestinationCidrBlock !== undefined && block === undefined)
    throw invalidValue(DestinationCidrBlock, "destinationCidrBlock", "This is not a valid CIDR block.");
  const { GatewayId, NatGatewayId, InstanceId, NetworkInterfaceId } = input;
  if (GatewayId !== undefined) find(ctx, kinds.internetGateway, GatewayId);
  if (NatGatewayId !== undefined) find(ctx, kinds.natGateway, NatGatewayId);
  if (InstanceId !== undefined) find(ctx, kinds.instance, InstanceId);
  if ([GatewayId, NatGatewayId, InstanceId, NetworkInterfaceId].filter((one) => one !== undefined).length !== 1)
    throw errors.InvalidParameterCombination("The request must contain exactly one target of the route.");
  return {
    ...(block !== undefined && { DestinationCidrBlock: formatBlock(block) }),
    ...(DestinationIpv6CidrBlock !== undefined && { DestinationIpv6CidrBlock }),
    ...(DestinationPrefixListId !== undefined && { DestinationPrefixListId }),
    ...(GatewayId !== undefined && { GatewayId }),
    ...(NatGatewayId !== undefined && { NatGatewayId }),
    ...(InstanceId !== undefined && { InstanceId, InstanceOwnerId: ctx.account }),
    ...(NetworkInterfaceId !== undefined && { NetworkInterfaceId }),
    Origin: "CreateRoute",
    State: "active",
  };
}
