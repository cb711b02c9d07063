import type { Region } from "@trysail/core";

/** Regions that an account has without asking for them. */
const regionNames = [
  "ap-northeast-1",
  "ap-northeast-2",
  "ap-northeast-3",
  "ap-south-1",
  "ap-southeast-1",
  "ap-southeast-2",
  "ca-central-1",
  "eu-central-1",
  "eu-north-1",
  "eu-west-1",
  "eu-west-2",
  "eu-west-3",
  "sa-east-1",
  "us-east-1",
  "us-east-2",
  "us-west-1",
  "us-west-2",
];

/** What DescribeRegions tells of; the caller's region is among them, whichever it is. */
export function regionsSeenFrom(region: Region): readonly string[] {
  return regionNames.includes(region) ? regionNames : [...regionNames, region].toSorted();
}

const letters = ["a", "b", "c"] as const;

/** The names of a region's zones. */
export function zonesOf(region: Region): readonly string[] {
  return letters.map((letter) => `${region}${letter}`);
}

/**
 * A zone's id, which means the same for all accounts: `use1-az1` is us-east-1a. (On AWS, accounts differ in that.)
 *
 * @see https://docs.aws.amazon.com/global-infrastructure/latest/regions/az-ids.html
 */
export function zoneIdOf(zone: string): string {
  const region = zone.slice(0, -1);
  const number = letters.findIndex((letter) => zone.endsWith(letter)) + 1;
  const short = region
    .split("-")
    .map((part, place) =>
      place === 0 ? part : part.replace(/^(north|south|east|west|central|gov)(east|west)?$/, shorten),
    )
    .join("");
  return `${short}-az${number}`;
}

const shorten = (_: string, first: string, second = "") => `${first[0]}${second.slice(0, 1)}`;

/** The zone that has this id in the region; undefined if none has. */
export function zoneOfId(region: Region, id: string): string | undefined {
  return zonesOf(region).find((zone) => zoneIdOf(zone) === id);
}
