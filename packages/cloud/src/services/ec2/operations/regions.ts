import type { Handler } from "../../../kernel/service.ts";
import { errors, invalidValue } from "../errors.ts";
import { matcher } from "../filters.ts";
import type { Sdk } from "../sdk.ts";
import { regionsSeenFrom, zoneIdOf, zonesOf } from "../zones.ts";

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html */
export const describeRegions: Handler<Sdk, "describeRegions"> = (ctx, input) => {
  const names = regionsSeenFrom(ctx.region);
  const unknown = (input.RegionNames ?? []).find((name) => !names.includes(name));
  if (unknown !== undefined) throw invalidValue(unknown, "regionName", "Region name is not valid.");
  const matches = matcher(input.Filters, {
    endpoint: "Endpoint",
    "opt-in-status": "OptInStatus",
    "region-name": "RegionName",
  });
  const wanted = input.RegionNames?.length === 0 ? undefined : input.RegionNames;
  return {
    Regions: names
      .filter((name) => wanted?.includes(name) ?? true)
      .map((name) => ({
        RegionName: name,
        Endpoint: `ec2.${name}.amazonaws.com`,
        OptInStatus: "opt-in-not-required",
      }))
      .filter(matches),
  };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAvailabilityZones.html */
export const describeAvailabilityZones: Handler<Sdk, "describeAvailabilityZones"> = (ctx, input) => {
  const zones = zonesOf(ctx.region).map((ZoneName) => ({
    ZoneName,
    ZoneId: zoneIdOf(ZoneName),
    RegionName: ctx.region,
    GroupName: `${ctx.region}-zg-1`,
    NetworkBorderGroup: ctx.region,
    OptInStatus: "opt-in-not-required" as const,
    State: "available" as const,
    ZoneType: "availability-zone",
    Messages: [],
  }));
  const { ZoneNames: names = [], ZoneIds: ids = [] } = input;
  const unknown =
    names.find((name) => !zones.some(({ ZoneName }) => ZoneName === name)) ??
    ids.find((id) => !zones.some(({ ZoneId }) => ZoneId === id));
  if (unknown !== undefined) throw errors.InvalidParameterValue(`Invalid availability zone: [${unknown}]`);
  const matches = matcher(input.Filters, {
    "group-name": "GroupName",
    "opt-in-status": "OptInStatus",
    "region-name": "RegionName",
    state: "State",
    "zone-id": "ZoneId",
    "zone-name": "ZoneName",
    "zone-type": "ZoneType",
  });
  return {
    AvailabilityZones: zones.filter(
      (zone) =>
        (names.length === 0 || names.includes(zone.ZoneName)) &&
        (ids.length === 0 || ids.includes(zone.ZoneId)) &&
        matches(zone),
    ),
  };
};
