declare const brand: unique symbol;

/** A string or number that has passed a check, so that an unchecked one does not compile in its place. */
export type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

/** Twelve digits. */
export type AccountId = Branded<string, "AccountId">;

/** A region's code, such as `eu-west-1`. */
export type Region = Branded<string, "Region">;

/** Twelve digits, or undefined. */
export function parseAccountId(text: string): AccountId | undefined {
  return /^\d{12}$/.test(text) ? (text as AccountId) : undefined;
}

/**
 * A region code in AWS's form, such as `us-east-1` or `us-gov-west-1`, or undefined. Regions that AWS opens later
 * fit too: the list is AWS's, the form is what is checked.
 */
export function parseRegion(text: string): Region | undefined {
  return /^[a-z]{2}(-[a-z]+)+-\d{1,2}$/.test(text) ? (text as Region) : undefined;
}

/** The partition that a region belongs to: the second part of its ARNs. */
export function partitionOf(region: string): "aws" | "aws-cn" | "aws-us-gov" {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
