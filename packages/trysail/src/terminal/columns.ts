/** Rows as aligned columns, two spaces apart; nothing trails. Text may hold colours, which take no room. */
export function inColumns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, widthOf(cell))));
  return rows.map((row) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell + " ".repeat((widths[at] ?? 0) - widthOf(cell))))
      .join("  ")
      .trimEnd(),
  );
}

/** The columns that a text takes: colours take none. */
export function widthOf(text: string): number {
  // oxlint-disable-next-line no-control-regex -- colours are control sequences
  return text.replace(/\u001B\[\d+m/g, "").length;
}
