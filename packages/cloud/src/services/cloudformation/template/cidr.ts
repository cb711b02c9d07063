/**
 * The first `count` subnets of a block, with so many host bits each (8 by default, as AWS has it for IPv4).
 *
 * @returns undefined if the block cannot be read or does not hold as many
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-cidr.html
 */
export function cidrBlocks(block: string, count: number, hostBits?: number): string[] | undefined {
  const [address = "", maskText] = block.split("/");
  const isIpv6 = address.includes(":");
  const width = isIpv6 ? 128 : 32;
  const bits = hostBits ?? (isIpv6 ? 64 : 8);
  const base = isIpv6 ? parseIpv6(address) : parseIpv4(address);
  const mask = Number(maskText);
  if (base === undefined || !(mask >= 0 && mask <= width) || !(count >= 1 && count <= 256) || !(bits >= 0 && bits <= width - mask)) return undefined;
  const size = 1n << BigInt(bits);
  if (BigInt(count) * size > 1n << BigInt(width - mask)) return undefined;
  return Array.from({ length: count }, (_, index) => {
    const start = base + BigInt(index) * size;
    return `${isIpv6 ? formatIpv6(start) : formatIpv4(start)}/${width - bits}`;
  });
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split(".").map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return undefined;
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function formatIpv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join(".");
}

function parseIpv6(text: string): bigint | undefined {
  const [head = "", tail] = text.split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":"));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const all = [...left, ...Array.from({ length: Math.max(0, zeros) }, () => "0"), ...right];
  if (all.length !== 8 || all.some((group) => !/^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return all.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

function formatIpv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - index * 16)) & 0xffffn).toString(16));
  return groups.join(":").replace(/(^|:)0(:0)+(:|$)/, "::");
}
