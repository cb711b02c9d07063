import { PatternError, compares } from "./comparison.ts";
import { anyOf, scanner } from "./scanner.ts";
import type { Scanner } from "./scanner.ts";

/** One step of a selector: a member, an element, or all of them. */
type Step = { readonly member: string } | { readonly element: number } | { readonly all: true };

interface Selector {
  readonly text: string;
  readonly steps: readonly Step[];
}

function readSelector(scan: Scanner): Selector {
  scan.expect("$");
  let text = "$";
  const steps: Step[] = [];
  for (;;) {
    const next = scan.match(/\.[^\s.[\](){}=<>!&|,"]+|\[\d+\]|\[\*\]|\["[^"]+"\]|\['[^']+'\]/);
    if (next === "") break;
    text += next;
    const inner = next.startsWith("[") ? next.slice(1, -1) : next.slice(1);
    if (inner === "*") steps.push({ all: true });
    else if (next.startsWith("[") && /^\d+$/.test(inner)) steps.push({ element: Number(inner) });
    else steps.push({ member: next.startsWith("[") ? inner.slice(1, -1) : inner });
  }
  if (steps.length === 0) scan.fail("a property such as $.name is expected");
  return { text, steps };
}

/** The steps of a selector that stands by itself; none for what is no selector. */
function selectorOf(text: string): readonly Step[] {
  try {
    const scan = scanner(text);
    const { steps } = readSelector(scan);
    return scan.isAtEnd() ? steps : [{ member: text }];
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return [{ member: text }];
  }
}

/** The values that a selector leads to; none if there is no such property. */
function select(value: unknown, steps: readonly Step[]): unknown[] {
  let found = [value];
  for (const step of steps) {
    found = found.flatMap((at): unknown[] => {
      if (typeof at !== "object" || at === null) return [];
      if ("all" in step) return Object.values(at);
      if ("element" in step) return Array.isArray(at) && step.element < at.length ? [at[step.element] as unknown] : [];
      return Object.hasOwn(at, step.member) ? [(at as Record<string, unknown>)[step.member]] : [];
    });
  }
  return found;
}

function readCondition(scan: Scanner, selectors: Selector[]): (value: unknown) => boolean {
  const selector = readSelector(scan);
  selectors.push(selector);
  const values = (event: unknown) => select(event, selector.steps);
  const word = scan
    .match(/(IS\s+(NULL|TRUE|FALSE)|NOT\s+EXISTS|EXISTS)\b/i)
    .replace(/\s+/, " ")
    .toUpperCase();
  switch (word) {
    case "IS NULL":
      return (event) => values(event).includes(null);
    case "IS TRUE":
      return (event) => values(event).includes(true);
    case "IS FALSE":
      return (event) => values(event).includes(false);
    case "NOT EXISTS":
      return (event) => values(event).length === 0;
    case "EXISTS":
      return (event) => values(event).length > 0;
    default: {
      const operator = scan.operator();
      const operand = scan.operand(/[^\s"%&|(){}[\],=<>!]+/);
      return (event) =>
        values(event).some((value) => {
          if (typeof value === "boolean") return compares(String(value), operator, operand);
          return (typeof value === "string" || typeof value === "number") && compares(value, operator, operand);
        });
    }
  }
}

/** A pattern in braces, such as `{ $.status = 5* && $.latency > 100 }`, for events that are JSON objects. */
export function jsonPattern(text: string) {
  const scan = scanner(text);
  const selectors: Selector[] = [];
  scan.expect("{");
  const fits = anyOf<unknown>(scan, () => readCondition(scan, selectors));
  scan.expect("}");
  if (!scan.isAtEnd()) scan.fail("the pattern goes on after its closing brace");

  const parse = (message: string): unknown => {
    try {
      return JSON.parse(message) as unknown;
    } catch {
      return undefined;
    }
  };
  const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
  return {
    matches(message: string): boolean {
      const event = parse(message);
      return typeof event === "object" && event !== null && fits(event);
    },
    extract(message: string): Record<string, string> {
      const event = parse(message);
      return Object.fromEntries(
        selectors.flatMap(({ text: name, steps }) => {
          const [value] = select(event, steps);
          return value === undefined ? [] : [[name, textOf(value)]];
        }),
      );
    },
    select(message: string, reference: string): string | undefined {
      const [value] = select(parse(message), selectorOf(reference));
      return value === undefined ? undefined : textOf(value);
    },
  };
}
