/** One condition on a value: what stands in a pattern's list. */
export type Matcher = (value: unknown) => boolean;

/** A pattern that is wrong. Its message says where and why. */
export class PatternError extends Error {}

/** A condition on whether a value is there at all. */
export interface Existence {
  readonly exists: boolean;
}

export type Condition = Matcher | Existence;

/**
 * Reads one condition of a pattern's list: a value, or an object that names an operator.
 *
 * @param place - the field that it is for
 * @throws PatternError
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function readCondition(given: unknown, place: string): Condition {
  if (typeof given !== "object" || given === null) return (value) => value === given;
  if (Array.isArray(given)) throw new PatternError(`"${place}" must not have an array in its array`);
  const entries = Object.entries(given);
  const [entry] = entries;
  if (entry === undefined || entries.length !== 1)
    throw new PatternError(`Only one key allowed in match expression of "${place}"`);
  const [operator, operand] = entry;
  switch (operator) {
    case "exists":
      if (typeof operand !== "boolean")
        throw new PatternError(`exists match pattern of "${place}" must be true or false`);
      return { exists: operand };
    case "prefix":
    case "suffix":
      return affix(operator, operand, place);
    case "equals-ignore-case":
      return sameText(textIn(operand, operator, place));
    case "wildcard":
      return wildcard(textIn(operand, operator, place), place);
    case "cidr":
      return cidr(textIn(operand, operator, place), place);
    case "numeric":
      return numeric(operand, place);
    case "anything-but":
      return anythingBut(operand, place);
    default:
      throw new PatternError(`Unrecognized match type ${operator} in "${place}"`);
  }
}

function textIn(operand: unknown, operator: string, place: string): string {
  if (typeof operand !== "string") throw new PatternError(`${operator} match pattern of "${place}" must be a string`);
  return operand;
}

const ofText =
  (test: (value: string) => boolean): Matcher =>
  (value) =>
    typeof value === "string" && test(value);

function sameText(text: string): Matcher {
  const lower = text.toLowerCase();
  return ofText((value) => value.toLowerCase() === lower);
}

function affix(operator: "prefix" | "suffix", operand: unknown, place: string): Matcher {
  const isThere = (value: string, text: string) =>
    operator === "prefix" ? value.startsWith(text) : value.endsWith(text);
  if (typeof operand === "object" && operand !== null && "equals-ignore-case" in operand) {
    const lower = textIn(operand["equals-ignore-case"], operator, place).toLowerCase();
    return ofText((value) => isThere(value.toLowerCase(), lower));
  }
  const text = textIn(operand, operator, place);
  return ofText((value) => isThere(value, text));
}

/** `*` stands for any characters; a backslash makes the next one stand for itself. */
function wildcard(text: string, place: string): Matcher {
  if (/(?<!\\)\*\*/.test(text)) throw new PatternError(`Consecutive wildcard characters in "${place}"`);
  // Parts between the stars, which must come one after the other: no expression that may take for ever.
  const parts: string[] = [];
  let part = "";
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\" && at + 1 < text.length) part += text[++at];
    else if (text[at] === "*") {
      parts.push(part);
      part = "";
    } else part += text[at];
  }
  parts.push(part);
  const [first = ""] = parts;
  if (parts.length === 1) return (value) => value === first;
  const last = parts.at(-1) ?? "";
  const middle = parts.slice(1, -1);
  return ofText((value) => {
    if (!value.startsWith(first) || !value.endsWith(last) || value.length < first.length + last.length) return false;
    const end = value.length - last.length;
    let at = first.length;
    for (const part of middle) {
      const found = value.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  });
}

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  "=": (value, bound) => value === bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

/** `["=", 5]`, `[">", 0, "<=", 5]` */
function numeric(operand: unknown, place: string): Matcher {
  const wrong = new PatternError(`Value of numeric in "${place}" must be an array of operators and numbers`);
  if (!Array.isArray(operand) || operand.length === 0 || operand.length > 4 || operand.length % 2 !== 0) throw wrong;
  const tests: ((value: number) => boolean)[] = [];
  for (let at = 0; at < operand.length; at += 2) {
    const [operator, bound] = operand.slice(at, at + 2) as unknown[];
    const compare = typeof operator === "string" ? comparisons[operator] : undefined;
    if (compare === undefined || typeof bound !== "number") throw wrong;
    tests.push((value) => compare(value, bound));
  }
  return (value) => typeof value === "number" && tests.every((test) => test(value));
}

/** A value, a list of values, or what another operator takes. */
function anythingBut(operand: unknown, place: string): Matcher {
  if (typeof operand === "object" && operand !== null && !Array.isArray(operand)) {
    const [[operator, inner] = []] = Object.entries(operand);
    if (operator === undefined || !["prefix", "suffix", "equals-ignore-case", "wildcard"].includes(operator))
      throw new PatternError(`Unsupported anything-but pattern in "${place}": ${operator}`);
    const texts: unknown[] = Array.isArray(inner) ? inner : [inner];
    const conditions = texts.map((text) => readCondition({ [operator]: text }, place));
    return (value) =>
      isLeaf(value) && !conditions.some((condition) => typeof condition === "function" && condition(value));
  }
  const excluded: unknown[] = Array.isArray(operand) ? operand : [operand];
  if (excluded.length === 0 || excluded.some((one) => typeof one === "object" && one !== null))
    throw new PatternError(`Inside anything-but list of "${place}", only strings or numbers are allowed`);
  return (value) => isLeaf(value) && !excluded.includes(value);
}

const isLeaf = (value: unknown) => value !== undefined && (typeof value !== "object" || value === null);

/** Addresses of IPv4 in a block: `10.0.0.0/24`. */
function cidr(text: string, place: string): Matcher {
  const [, address = "", bits = ""] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? [];
  const base = addressOf(address);
  if (base === undefined || Number(bits) > 32) throw new PatternError(`Malformed CIDR in "${place}": ${text}`);
  const size = 2 ** (32 - Number(bits));
  const start = Math.floor(base / size) * size;
  return ofText((value) => {
    const own = addressOf(value);
    return own !== undefined && own >= start && own < start + size;
  });
}

function addressOf(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}
