import { PatternError, operators, regex, unquoted } from "./comparison.ts";
import type { Operand, Operator } from "./comparison.ts";

/** Reads a filter pattern from its beginning to its end. */
export function scanner(text: string) {
  let at = 0;
  const fail = (what: string): never => {
    throw new PatternError(`${what} at character ${at + 1}`);
  };
  const skipSpace = () => {
    while (/\s/.test(text[at] ?? "")) at += 1;
  };
  /** Goes past `token` if it comes next, after space. */
  const take = (token: string): boolean => {
    skipSpace();
    if (!text.startsWith(token, at)) return false;
    at += token.length;
    return true;
  };
  const expect = (token: string): void => {
    if (!take(token)) fail(`"${token}" is expected`);
  };
  /** What an expression fits here, after space; empty if it fits nothing. */
  const match = (expression: RegExp): string => {
    skipSpace();
    const sticky = new RegExp(expression, "y");
    sticky.lastIndex = at;
    const found = sticky.exec(text)?.[0] ?? "";
    at += found.length;
    return found;
  };
  /** A text in double quotes, in which a backslash takes the next character as it is. */
  const quoted = (): string => {
    expect('"');
    let value = "";
    for (; text[at] !== '"'; at += 1) {
      if (text[at] === "\\") at += 1;
      if (at >= text.length) fail("a closing quote is missing");
      value += text[at];
    }
    at += 1;
    return value;
  };
  const regexText = (): string => {
    expect("%");
    const end = text.indexOf("%", at);
    if (end === -1) fail("a closing % is missing");
    const source = text.slice(at, end);
    at = end + 1;
    return source;
  };
  return {
    take,
    expect,
    match,
    quoted,
    fail,
    regex: (): Operand => regex(regexText()),
    peek(): string {
      skipSpace();
      return text[at] ?? "";
    },
    isAtEnd(): boolean {
      skipSpace();
      return at >= text.length;
    },
    operator(): Operator {
      return operators.find((operator) => take(operator)) ?? fail("a comparison is expected");
    },
    /** @param bare - what an operand without quotes may consist of */
    operand(bare: RegExp): Operand {
      skipSpace();
      if (text[at] === '"') return { kind: "text", text: quoted() };
      if (text[at] === "%") return regex(regexText());
      const found = match(bare);
      return found === "" ? fail("a value is expected") : unquoted(found);
    },
  };
}

export type Scanner = ReturnType<typeof scanner>;

/** Conditions joined by `&&` and `||`, of which `&&` binds closer, with brackets. */
export function anyOf<T>(scan: Scanner, one: () => (value: T) => boolean): (value: T) => boolean {
  const single = (): ((value: T) => boolean) => {
    if (!scan.take("(")) return one();
    const inner = anyOf(scan, one);
    scan.expect(")");
    return inner;
  };
  const all = (): ((value: T) => boolean) => {
    const conditions = [single()];
    while (scan.take("&&")) conditions.push(single());
    return (value) => conditions.every((condition) => condition(value));
  };
  const conditions = [all()];
  while (scan.take("||")) conditions.push(all());
  return (value) => conditions.some((condition) => condition(value));
}
