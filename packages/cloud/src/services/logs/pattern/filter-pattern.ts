import { PatternError } from "./comparison.ts";
import { fieldPattern } from "./field-pattern.ts";
import { jsonPattern } from "./json-pattern.ts";
import { scanner } from "./scanner.ts";

export { PatternError } from "./comparison.ts";

/** A filter pattern that has been read. */
export interface FilterPattern {
  matches(message: string): boolean;
  /** What the pattern names of a message that it matches: fields as `$name`, properties as `$.path`. */
  extract(message: string): Record<string, string>;
  /** What a reference such as `$.latency` or `$bytes` leads to in a message; undefined if there is nothing. */
  select(message: string, reference: string): string | undefined;
}

const longestPattern = 1024;

/**
 * Reads a filter pattern: terms, a JSON pattern in braces, or fields in square brackets.
 *
 * @throws PatternError
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function parseFilterPattern(text: string): FilterPattern {
  const trimmed = text.trim();
  if (text.length > longestPattern) throw new PatternError(`it is longer than ${longestPattern} characters`);
  if (trimmed.startsWith("{")) return jsonPattern(trimmed);
  if (trimmed.startsWith("[")) return fieldPattern(trimmed);
  return termsPattern(trimmed);
}

type Test = (message: string) => boolean;

/** Terms: all of the plain ones, none of those with `-`; where there are only ones with `?`, at least one of them. */
function termsPattern(text: string): FilterPattern {
  const required: Test[] = [];
  const optional: Test[] = [];
  const excluded: Test[] = [];
  const scan = scanner(text);
  while (!scan.isAtEnd()) {
    const list = scan.take("?") ? optional : scan.take("-") ? excluded : required;
    list.push(readTerm());
  }

  function readTerm(): Test {
    const next = scan.peek();
    if (next === '"') {
      const phrase = scan.quoted();
      return (message) => message.includes(phrase);
    }
    if (next === "%") {
      const operand = scan.regex();
      return (message) => operand.kind === "regex" && operand.regex.test(message);
    }
    const term = scan.match(/[^\s"]+/);
    if (term === "") scan.fail("a term is expected");
    if (/[^\p{L}\p{N}_.:/@#$~-]/u.test(term)) scan.fail(`the term ${term} must be in double quotes`);
    return (message) => message.includes(term);
  }

  return {
    matches: (message) =>
      required.every((test) => test(message)) &&
      !excluded.some((test) => test(message)) &&
      (optional.length === 0 || required.length > 0 || optional.some((test) => test(message))),
    extract: () => ({}),
    select: () => undefined,
  };
}
