const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/**
 * A key's id, in which the account lies as in AWS's own: after four letters of kind come eighty bits in base 32, of
 * which bits 2 to 41 are the account's number and the others are random.
 *
 * @param random - ten random bytes
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html
 */
export function accessKeyId(kind: "AKIA" | "ASIA", account: string, random: Uint8Array): string {
  const noise = [...random.subarray(0, 10)].reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const accountMask = ((1n << 40n) - 1n) << 39n;
  // The first bit is set in AWS's ids, so that none begins with a letter before Q.
  const bits = (noise & ~accountMask) | (BigInt(account) << 39n) | (1n << 79n);
  const digits = Array.from({ length: 16 }, (_, place) => alphabet[Number((bits >> BigInt(75 - place * 5)) & 31n)]);
  return `${kind}${digits.join("")}`;
}

/** The account that a key's id tells; undefined if it is not of that form. */
export function accountOfAccessKeyId(id: string): string | undefined {
  const match = /^(AKIA|ASIA)(?<digits>[A-Z2-7]{16})$/.exec(id);
  if (match?.groups === undefined) return undefined;
  const bits = Array.from(match.groups["digits"] ?? "").reduce(
    (sum, digit) => (sum << 5n) | BigInt(alphabet.indexOf(digit)),
    0n,
  );
  const account = ((bits >> 39n) & ((1n << 40n) - 1n)).toString().padStart(12, "0");
  return account.length === 12 ? account : undefined;
}
