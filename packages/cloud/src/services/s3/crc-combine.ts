/** A reflected CRC whose register starts, and whose result is inverted, with all ones. */
export interface CrcSpec {
  readonly bits: 32 | 64;
  /** In reflected form. */
  readonly polynomial: bigint;
}

export const crc32: CrcSpec = { bits: 32, polynomial: 0xedb88320n };
export const crc32c: CrcSpec = { bits: 32, polynomial: 0x82f63b78n };
export const crc64nvme: CrcSpec = { bits: 64, polynomial: 0x9a6c9329ac4bc9b5n };

/** The product of two polynomials modulo the CRC's own. The highest bit is x⁰. */
function multiply({ bits, polynomial }: CrcSpec, a: bigint, b: bigint): bigint {
  let product = 0n;
  for (let bit = 1n << BigInt(bits - 1); bit !== 0n; bit >>= 1n) {
    if ((a & bit) !== 0n) product ^= b;
    b = (b & 1n) === 0n ? b >> 1n : (b >> 1n) ^ polynomial;
  }
  return product;
}

/** x to the power of 8 × `count`: what `count` bytes do to a CRC that stands before them. */
function bytesOperator(spec: CrcSpec, count: number): bigint {
  let result = 1n << BigInt(spec.bits - 1);
  let square = 1n << BigInt(spec.bits - 9);
  for (let rest = BigInt(count); rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = multiply(spec, result, square);
    square = multiply(spec, square, square);
  }
  return result;
}

/**
 * The CRC of several bodies in a row, from the CRC and the size of each, without their bytes.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export function combineCrcs(
  spec: CrcSpec,
  parts: readonly { readonly crc: bigint; readonly sizeBytes: number }[],
): bigint {
  // Nearly all parts of an upload have the same size.
  const operators = new Map<number, bigint>();
  let combined = 0n;
  for (const { crc, sizeBytes } of parts) {
    const operator = operators.get(sizeBytes) ?? bytesOperator(spec, sizeBytes);
    operators.set(sizeBytes, operator);
    combined = multiply(spec, operator, combined) ^ crc;
  }
  return combined;
}
