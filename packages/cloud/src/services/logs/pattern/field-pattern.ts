import { compares } from "./comparison.ts";
import { anyOf, scanner } from "./scanner.ts";

interface Field {
  /** Undefined for a field without a name. */
  readonly name: string | undefined;
  readonly fits: (value: string) => boolean;
}

const bareOperand = /[^\s"%&|(),[\]=<>!]+/;

/** The fields of a line: words, and what stands in double quotes or square brackets as one. */
export function splitFields(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|\[([^\]]*)\]|(\S+)/g)].map(
    ([, quoted, bracketed, word]) => quoted ?? bracketed ?? word ?? "",
  );
}

/** A pattern in square brackets, such as `[ip, user, ..., status = 4*, bytes > 1000]`, for lines of words. */
export function fieldPattern(text: string) {
  const scan = scanner(text);
  scan.expect("[");
  const fields: (Field | "any number")[] = [];
  do {
    if (scan.peek() === "]" || scan.peek() === ",") {
      if (scan.peek() === ",") fields.push({ name: undefined, fits: () => true });
    } else if (scan.take("...")) {
      fields.push("any number");
    } else {
      fields.push(readField());
    }
  } while (scan.take(","));
  scan.expect("]");
  if (!scan.isAtEnd()) scan.fail("the pattern goes on after its closing bracket");
  if (fields.filter((field) => field === "any number").length > 1) scan.fail("only one ... is possible");

  function readField(): Field {
    let name: string | undefined;
    let onlyName = false;
    const fits = anyOf<string>(scan, () => {
      const own = scan.match(/[A-Za-z0-9_.$-]+/);
      name ??= own === "" ? undefined : own;
      const next = scan.peek();
      if (own !== "" && (next === "," || next === "]")) {
        onlyName = true;
        return () => true;
      }
      const operator = scan.operator();
      const operand = scan.operand(bareOperand);
      return (value) => compares(value, operator, operand);
    });
    return { name, fits: onlyName ? () => true : fits };
  }

  /** The value of each field; undefined if the line has not as many. */
  const assign = (line: string): readonly (readonly [Field, string])[] | undefined => {
    const values = splitFields(line);
    const gap = fields.indexOf("any number");
    const named = fields.filter((field): field is Field => field !== "any number");
    if (gap === -1 ? values.length !== named.length : values.length < named.length) return undefined;
    const skipped = gap === -1 ? 0 : values.length - named.length;
    return named.map(
      (field, index) => [field, values[gap !== -1 && index >= gap ? index + skipped : index] ?? ""] as const,
    );
  };

  const extract = (line: string): Record<string, string> =>
    Object.fromEntries((assign(line) ?? []).map(([{ name }, value], index) => [`$${name ?? index + 1}`, value]));

  return {
    matches(line: string): boolean {
      return assign(line)?.every(([field, value]) => field.fits(value)) ?? false;
    },
    extract,
    select: (line: string, reference: string): string | undefined => extract(line)[reference],
  };
}
