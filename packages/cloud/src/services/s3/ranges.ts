/** Bytes of a body, both ends included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The bytes that a `Range` header asks for. As in S3, a header that is malformed or names several ranges is ignored.
 *
 * @returns `whole` if there is no range to honour, `unsatisfiable` if it lies beyond the end
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-range
 */
export function parseRange(header: string | undefined, sizeBytes: number): ByteRange | "whole" | "unsatisfiable" {
  const match = /^bytes=\s*(\d*)-(\d*)\s*$/.exec(header ?? "");
  const [, first = "", last = ""] = match ?? [];
  if (first === "" && last === "") return "whole";
  if (first === "") {
    const suffixBytes = Number(last);
    if (suffixBytes === 0 || sizeBytes === 0) return "unsatisfiable";
    return { start: Math.max(0, sizeBytes - suffixBytes), end: sizeBytes - 1 };
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return "whole";
  if (start >= sizeBytes) return "unsatisfiable";
  return { start, end: last === "" ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1) };
}

/**
 * The bytes that `x-amz-copy-source-range` asks for.
 *
 * @returns `malformed`, or `unsatisfiable` if it reaches beyond the end: unlike for a read, nothing is cut off
 */
export function parseCopyRange(header: string, sizeBytes: number): ByteRange | "malformed" | "unsatisfiable" {
  const match = /^bytes=(\d+)-(\d+)$/.exec(header);
  if (match === null) return "malformed";
  const range = { start: Number(match[1]), end: Number(match[2]) };
  if (range.end < range.start) return "malformed";
  return range.end >= sizeBytes ? "unsatisfiable" : range;
}

export function contentRange({ start, end }: ByteRange, sizeBytes: number): string {
  return `bytes ${start}-${end}/${sizeBytes}`;
}

/**
 * The pieces of several bodies in a row that a range of the whole covers.
 *
 * @param sizes - of each body, in bytes, in order
 */
export function slices(
  sizes: readonly number[],
  range: ByteRange,
): readonly (ByteRange & { readonly index: number })[] {
  let offset = 0;
  return sizes.flatMap((size, index) => {
    const from = offset;
    offset += size;
    const start = Math.max(range.start - from, 0);
    const end = Math.min(range.end - from, size - 1);
    return start <= end ? [{ index, start, end }] : [];
  });
}
