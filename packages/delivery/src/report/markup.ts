/** A piece of a page, in which all text is escaped. */
export interface Markup {
  readonly text: string;
}

/**
 * A piece of a page. What is filled in is text, and escaped, unless it is markup itself: nothing that a name or a reason
 * may hold becomes a tag.
 */
export function markup(
  strings: TemplateStringsArray,
  ...parts: readonly (string | number | Markup | readonly Markup[])[]
): Markup {
  return { text: strings.reduce((page, string, index) => `${page}${filledIn(parts[index - 1] ?? "")}${string}`) };
}

export const nothing: Markup = { text: "" };

function filledIn(part: string | number | Markup | readonly Markup[]): string {
  if (typeof part === "string" || typeof part === "number") return escaped(String(part));
  return "text" in part ? part.text : part.map(({ text }) => text).join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => entities[letter]!);
}

/** A number to four digits, as a person reads it. */
export function readable(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return "–";
  const digits = value.toPrecision(4);
  // What is nearly the largest number may be rounded to beyond it.
  return Number.isFinite(Number(digits)) ? String(Number(digits)) : digits;
}
