import { templateError } from "./template-error.ts";

/**
 * Cuts an address block into smaller ones, as `Fn::Cidr` does.
 *
 * @param cidrBits - how many bits of an address tell hosts in each of them
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-cidr.html
 */
export function cutCidr(block: string, count: number, cidrBits: number): readonly string[] {
  const [address = "", maskText = ""] = block.split("/");
  const isV6 = address.includes(":");
  const width = isV6 ? 128 : 32;
  const base = isV6 ? parseV6(address) : parseV4(address);
  const mask = Number(maskText);
  if (base === undefined || !/^\d{1,3}$/.test(maskText) || mask > width) {
    throw templateError(`Fn::Cidr the ipBlock ${block} is not a CIDR block`);
  }
  if (!Number.isInteger(count) || count < 1 || count > 256)
    throw templateError("Fn::Cidr count must be between 1 and 256");
  const isHostCount = Number.isInteger(cidrBits) && cidrBits >= 1 && cidrBits <= width;
  if (!isHostCount || width - cidrBits < mask || BigInt(count) > 1n << BigInt(width - cidrBits - mask)) {
    throw templateError(`Fn::Cidr ${block} cannot be cut into ${count} blocks of ${cidrBits} bits`);
  }
  const size = 1n << BigInt(cidrBits);
  const start = (base >> BigInt(width - mask)) << BigInt(width - mask);
  return Array.from({ length: count }, (_, place) => {
    const at = start + BigInt(place) * size;
    return `${isV6 ? formatV6(at) : formatV4(at)}/${width - cidrBits}`;
  });
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
}

function parseV6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => "0"), ...tail];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

function formatV4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join(".");
}

function formatV6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, place) => ((value >> BigInt(112 - place * 16)) & 0xffffn).toString(16));
  const text = groups.join(":");
  const longest = text.match(/(?:^|:)0(?::0)+(?:$|:)/g)?.toSorted((a, b) => b.length - a.length)[0];
  return longest === undefined ? text : text.replace(longest, "::");
}
