import { scan } from "./scan.ts";
import type { Token } from "./scan.ts";

export const binarySigns = ["OR", "AND", "==", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "^"] as const;
export type BinarySign = (typeof binarySigns)[number];

/** An expression of metric math. */
export type Expression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "text"; readonly text: string }
  /** The id of a query, or a word that a function knows (`REPEAT`). */
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "array"; readonly items: readonly Expression[] }
  | { readonly kind: "minus"; readonly of: Expression }
  | { readonly kind: "binary"; readonly sign: BinarySign; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] };

/** From the loosest to the tightest. */
const strengths: readonly (readonly BinarySign[])[] = [
  ["OR"],
  ["AND"],
  ["==", "!=", "<", ">", "<=", ">="],
  ["+", "-"],
  ["*", "/"],
];
const spellings: Readonly<Record<string, BinarySign>> = { "&&": "AND", "||": "OR", and: "AND", or: "OR" };
/** Deeper expressions are refused: they would exhaust the stack. */
const deepest = 100;

/**
 * Reads an expression.
 *
 * @throws Error that tells what is wrong with it
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export function parse(text: string): Expression {
  const tokens = scan(text);
  let at = 0;
  let depth = 0;
  const result = binary(0);
  const rest = tokens[at];
  if (rest !== undefined) throw new Error(`Unexpected ${show(rest)}`);
  return result;

  function isSign(sign: string): boolean {
    const token = tokens[at];
    return token?.kind === "sign" && token.text === sign;
  }

  function expect(sign: string): void {
    if (!isSign(sign)) throw new Error(`Expected '${sign}' but found ${show(tokens[at])}`);
    at += 1;
  }

  function signHere(): BinarySign | undefined {
    const token = tokens[at];
    if (token === undefined || token.kind === "number" || token.kind === "text") return undefined;
    return spellings[token.text] ?? binarySigns.find((sign) => sign === token.text);
  }

  function binary(strength: number): Expression {
    const signs = strengths[strength];
    if (signs === undefined) return unary();
    let left = binary(strength + 1);
    for (let sign = signHere(); sign !== undefined && signs.includes(sign); sign = signHere()) {
      at += 1;
      left = { kind: "binary", sign, left, right: binary(strength + 1) };
    }
    return left;
  }

  function unary(): Expression {
    depth += 1;
    if (depth > deepest) throw new Error("The expression is nested too deeply");
    try {
      if (!isSign("-")) return power();
      at += 1;
      return { kind: "minus", of: unary() };
    } finally {
      depth -= 1;
    }
  }

  function power(): Expression {
    const left = primary();
    if (!isSign("^")) return left;
    at += 1;
    return { kind: "binary", sign: "^", left, right: unary() };
  }

  function primary(): Expression {
    const token = tokens[at];
    at += 1;
    if (token === undefined) throw new Error("The expression ends too soon");
    if (token.kind === "number") return { kind: "number", value: token.value };
    if (token.kind === "text") return { kind: "text", text: token.text };
    if (token.kind === "name") {
      if (!isSign("(")) return { kind: "name", name: token.text };
      at += 1;
      return { kind: "call", name: token.text.toUpperCase(), args: list(")") };
    }
    if (token.text === "[") return { kind: "array", items: list("]") };
    if (token.text !== "(") throw new Error(`Unexpected ${show(token)}`);
    const inner = binary(0);
    expect(")");
    return inner;
  }

  function list(end: string): Expression[] {
    const items: Expression[] = [];
    if (isSign(end)) {
      at += 1;
      return items;
    }
    items.push(binary(0));
    while (isSign(",")) {
      at += 1;
      items.push(binary(0));
    }
    expect(end);
    return items;
  }
}

function show(token: Token | undefined): string {
  if (token === undefined) return "the end of the expression";
  return token.kind === "number" ? `'${token.value}'` : `'${token.text}'`;
}

/** An expression as text, every operation in parentheses. */
export function print(expression: Expression): string {
  switch (expression.kind) {
    case "number":
      return String(expression.value);
    case "text":
      return expression.text.includes("'") ? `"${expression.text}"` : `'${expression.text}'`;
    case "name":
      return expression.name;
    case "array":
      return `[${expression.items.map(print).join(", ")}]`;
    case "minus":
      return `(-${print(expression.of)})`;
    case "binary":
      return `(${print(expression.left)} ${expression.sign} ${print(expression.right)})`;
    case "call":
      return `${expression.name}(${expression.args.map(print).join(", ")})`;
  }
}

/** All names that an expression mentions: ids of queries, and words that functions know. */
export function namesIn(expression: Expression): readonly string[] {
  switch (expression.kind) {
    case "number":
    case "text":
      return [];
    case "name":
      return [expression.name];
    case "array":
      return expression.items.flatMap(namesIn);
    case "minus":
      return namesIn(expression.of);
    case "binary":
      return [...namesIn(expression.left), ...namesIn(expression.right)];
    case "call":
      return expression.args.flatMap(namesIn);
  }
}

/** Whether an expression calls a function of one of these names. */
export function calls(expression: Expression, names: readonly string[]): boolean {
  switch (expression.kind) {
    case "number":
    case "text":
    case "name":
      return false;
    case "array":
      return expression.items.some((item) => calls(item, names));
    case "minus":
      return calls(expression.of, names);
    case "binary":
      return calls(expression.left, names) || calls(expression.right, names);
    case "call":
      return names.includes(expression.name) || expression.args.some((argument) => calls(argument, names));
  }
}
