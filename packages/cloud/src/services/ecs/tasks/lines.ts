/** A longer line is cut: an event of CloudWatch Logs holds 256 KiB. */
const longestLineBytes = 200_000;
/** What one call of PutLogEvents takes. */
const mostLines = 10_000;

/**
 * The lines of what a program has written. The last one is taken only if it has ended, or nothing will follow.
 *
 * @returns the lines that are not empty, and how many bytes they and their line ends are
 */
export function toLines(
  chunk: Buffer,
  isLast: boolean,
): { readonly messages: readonly string[]; readonly bytes: number } {
  const messages: string[] = [];
  let from = 0;
  while (from < chunk.length && messages.length < mostLines) {
    const end = chunk.indexOf(10, from);
    const isCut = (end === -1 ? chunk.length : end) - from > longestLineBytes;
    if (end === -1 && !isCut && !isLast) break;
    const to = isCut ? from + longestLineBytes : end === -1 ? chunk.length : end;
    const message = chunk.toString("utf8", from, to).replace(/\r$/, "");
    if (message !== "") messages.push(message);
    from = isCut || end === -1 ? to : to + 1;
  }
  return { messages, bytes: from };
}
