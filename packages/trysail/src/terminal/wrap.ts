import { widthOf } from "./columns.ts";

/**
 * A text as lines that are no wider than the columns, broken between words; what is wider than a line alone is broken in itself.
 *
 * @param columns - without the indent that the caller puts before each line; at least 10 are taken
 */
export function wrapped(text: string, columns: number): string[] {
  const width = Math.max(10, columns);
  const lines: string[] = [];
  let line = "";
  const words = text.split(/\s+/).filter((word) => word !== "");
  for (const word of words.flatMap((whole) => pieces(whole, width))) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (widthOf(longer) > width) lines.push(line);
    line = widthOf(longer) > width ? word : longer;
  }
  return line === "" ? lines : [...lines, line];
}

/** Parts that are never broken, such as a sign and its name, in lines of so many columns, two spaces apart. */
export function wrappedParts(parts: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const part of parts) {
    const longer = line === "" ? part : `${line}  ${part}`;
    const isFull = line !== "" && widthOf(longer) > columns;
    if (isFull) lines.push(line);
    line = isFull ? part : longer;
  }
  return line === "" ? lines : [...lines, line];
}

/** Words have no colours in them: these are put around whole lines. */
function pieces(word: string, width: number): readonly string[] {
  return word.length <= width ? [word] : (word.match(new RegExp(`.{1,${width}}`, "gu")) ?? [word]);
}
