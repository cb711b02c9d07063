/** A block of IPv4 addresses: the first one as a number, and how many bits are fixed. */
export interface Block {
  readonly first: number;
  readonly bits: number;
}

/** Reads `10.0.0.0/16`; undefined if it is no block. Bits beyond the mask are cleared, as AWS does. */
export function parseBlock(text: string): Block | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (match === null) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, bits = 0] = match.slice(1).map(Number);
  if ([a, b, c, d].some((part) => part > 255) || bits > 32) return undefined;
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  return { first: address - (address % 2 ** (32 - bits)), bits };
}

/** How many addresses a block has. */
export const sizeOf = ({ bits }: Block): number => 2 ** (32 - bits);

export function formatBlock({ first, bits }: Block): string {
  return `${formatAddress(first)}/${bits}`;
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

/** Whether `inner` lies wholly in `outer`. */
export function contains(outer: Block, inner: Block): boolean {
  return inner.bits >= outer.bits && inner.first >= outer.first && inner.first < outer.first + sizeOf(outer);
}

export function overlaps(one: Block, other: Block): boolean {
  return contains(one, other) || contains(other, one);
}
