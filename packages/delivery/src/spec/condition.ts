import type { Condition } from "../analysis/condition.ts";
import { wrong, type Reader } from "./reader.ts";

const token = /\s*(<=|>=|==|!=|<|>|\(|\)|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|and\b|or\b|not\b|isNaN\b)/y;

/** More than this is nobody's condition. */
const longest = 1000;

/**
 * `< 0.01`, `>= 1 and < 5`, `not isNaN`, with brackets; `and` binds more than `or`. It is read, and never evaluated as a
 * program.
 */
export const condition: Reader<Condition> = (value, place) => {
  const fail = () =>
    wrong(
      place,
      `must be a condition such as "< 0.01", ">= 1 and < 5" or "not isNaN", and is ${JSON.stringify(value)}.`,
    );
  if (typeof value !== "string" || value.length > longest) return fail();
  const tokens = tokensOf(value);
  if (tokens === undefined) return fail();
  const parser = parserOf(tokens);
  const read = parser.either();
  return read === undefined || !parser.isAtEnd() ? fail() : read;
};

function tokensOf(from: string): readonly string[] | undefined {
  const tokens: string[] = [];
  token.lastIndex = 0;
  const end = from.trimEnd().length;
  while (token.lastIndex < end) {
    const found = token.exec(from);
    if (found?.[1] === undefined) return undefined;
    tokens.push(found[1]);
  }
  return tokens;
}

const comparisons = ["<", "<=", ">", ">=", "==", "!="] as const;

function parserOf(tokens: readonly string[]) {
  let at = 0;
  const take = (wanted: string): boolean => {
    if (tokens[at] !== wanted) return false;
    at += 1;
    return true;
  };

  function chain(op: "and" | "or", next: () => Condition | undefined): Condition | undefined {
    const parts = [next()];
    while (take(op)) parts.push(next());
    const whole = parts.filter((part) => part !== undefined);
    if (whole.length < parts.length) return undefined;
    return whole.length === 1 ? whole[0] : { op, of: whole };
  }

  const either = (): Condition | undefined => chain("or", () => chain("and", single));

  function single(): Condition | undefined {
    if (take("not")) {
      const of = single();
      return of && { op: "not", of };
    }
    if (take("(")) {
      const inner = either();
      return take(")") ? inner : undefined;
    }
    if (take("isNaN")) return { op: "isNaN" };
    const op = comparisons.find(take);
    const value = Number(tokens[at]);
    if (op === undefined || tokens[at] === undefined || Number.isNaN(value)) return undefined;
    at += 1;
    return { op, value };
  }

  return { either, isAtEnd: () => at === tokens.length };
}
