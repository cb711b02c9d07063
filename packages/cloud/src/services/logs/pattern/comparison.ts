/** What a filter pattern compares a value with. */
export type Operand =
  /** `*` stands for any text. */
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "number"; readonly number: number; readonly text: string }
  | { readonly kind: "regex"; readonly regex: RegExp };

export type Operator = "=" | "!=" | "<" | ">" | "<=" | ">=";

export const operators: readonly Operator[] = ["!=", "<=", ">=", "=", "<", ">"];

const number = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** A mistake in a filter pattern, with what is wrong. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}

/** An operand that stands without quotes: a number if it looks like one. */
export function unquoted(text: string): Operand {
  return number.test(text) ? { kind: "number", number: Number(text), text } : { kind: "text", text };
}

/**
 * A regular expression between two `%`. Only the syntax that CloudWatch Logs knows is allowed.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html#regex-expressions
 */
export function regex(source: string): Operand {
  if (/\(\?|\\(?![dDsSwWxn^$?*+{}[\]|.()/\\"%-])/.test(source))
    throw new PatternError(`the regular expression %${source}% uses what is not supported`);
  try {
    return { kind: "regex", regex: new RegExp(source) };
  } catch {
    throw new PatternError(`%${source}% is not a regular expression`);
  }
}

/** Whether a text fits a pattern in which `*` stands for any text. */
export function fitsWildcard(pattern: string, text: string): boolean {
  const parts = pattern.split("*");
  const [first = ""] = parts;
  if (parts.length === 1) return text === pattern;
  const last = parts.at(-1) ?? "";
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}

function equals(value: string | number, operand: Operand): boolean {
  switch (operand.kind) {
    case "text":
      return fitsWildcard(operand.text, String(value));
    case "number":
      return typeof value === "number"
        ? value === operand.number
        : value === operand.text || (number.test(value) && Number(value) === operand.number);
    case "regex":
      return operand.regex.test(String(value));
  }
}

/** Whether a value compares so with an operand. Only numbers are smaller or larger. */
export function compares(value: string | number, operator: Operator, operand: Operand): boolean {
  if (operator === "=") return equals(value, operand);
  if (operator === "!=") return !equals(value, operand);
  if (operand.kind !== "number") return false;
  const size = typeof value === "number" ? value : number.test(value) ? Number(value) : Number.NaN;
  switch (operator) {
    case "<":
      return size < operand.number;
    case ">":
      return size > operand.number;
    case "<=":
      return size <= operand.number;
    case ">=":
      return size >= operand.number;
  }
}
