import type { Region } from "@trysail/core";
import { expect, it } from "vitest";
import { regionsSeenFrom, zoneIdOf, zoneOfId, zonesOf } from "./zones.ts";

it.each([
  ["us-east-1a", "use1-az1"],
  ["eu-west-1b", "euw1-az2"],
  ["ap-southeast-2c", "apse2-az3"],
  ["ap-northeast-1a", "apne1-az1"],
  ["ca-central-1a", "cac1-az1"],
  ["us-gov-west-1a", "usgw1-az1"],
])("the id of the zone %s is %s", (zone, id) => {
  expect(zoneIdOf(zone)).toBe(id);
  expect(zoneOfId(zone.slice(0, -1) as Region, id)).toBe(zone);
});

it("a region has three zones, and is among the regions that are seen from it", () => {
  const region = "mx-central-1" as Region;
  expect(zonesOf(region)).toEqual(["mx-central-1a", "mx-central-1b", "mx-central-1c"]);
  expect(regionsSeenFrom(region)).toContain(region);
});
