import { fill, functions, sortKeys } from "./functions.ts";
import type { Surroundings } from "./functions.ts";
import type { BinarySign, Expression } from "./parse.ts";
import { isArray, isSeries, joined, mapped } from "./value.ts";
import type { TimeSeries, Value } from "./value.ts";

/** What an expression refers to. */
export interface Scope extends Surroundings {
  /** What a query came to; undefined if there is no such id. */
  valueOf(id: string): Value | undefined;
  /** All metrics of the request whose ids have the text in them. */
  metrics(text: string): readonly TimeSeries[];
  search(expression: string, statistic: string, periodSeconds: number | undefined): readonly TimeSeries[];
}

/** Functions that AWS has and Trysail has not. */
const missing: Readonly<Record<string, string>> = {
  ANOMALY_DETECTION_BAND: "Trysail has no anomaly detection",
  DB_PERF_INSIGHTS: "Trysail has no databases",
  INSIGHT_RULE_METRIC: "Trysail has no Contributor Insights",
  LAMBDA: "Trysail reads no other data sources",
  SERVICE_QUOTA: "Trysail knows no service quotas",
};

/** @throws Error that tells what is wrong with an expression */
export function evaluate(expression: Expression, scope: Scope): Value {
  switch (expression.kind) {
    case "number":
      return expression.value;
    case "text":
      throw new Error(`Unexpected text '${expression.text}'`);
    case "name": {
      const value = scope.valueOf(expression.name);
      if (value === undefined) throw new Error(`Unrecognized identifier ${expression.name}`);
      return value;
    }
    case "array":
      return expression.items.flatMap((item) => seriesIn(evaluate(item, scope)));
    case "minus":
      return operate(0, evaluate(expression.of, scope), (a, b) => a - b);
    case "binary": {
      const left = evaluate(expression.left, scope);
      return operate(left, evaluate(expression.right, scope), operations[expression.sign]);
    }
    case "call":
      return call(expression.name, expression.args, scope);
  }
}

function seriesIn(value: Value): readonly TimeSeries[] {
  if (isArray(value)) return value;
  if (isSeries(value)) return [value];
  throw new Error("An array holds time series, not numbers");
}

const operations: Readonly<Record<BinarySign, (a: number, b: number) => number>> = {
  OR: (a, b) => Number(a !== 0 || b !== 0),
  AND: (a, b) => Number(a !== 0 && b !== 0),
  "==": (a, b) => Number(a === b),
  "!=": (a, b) => Number(a !== b),
  "<": (a, b) => Number(a < b),
  ">": (a, b) => Number(a > b),
  "<=": (a, b) => Number(a <= b),
  ">=": (a, b) => Number(a >= b),
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "^": (a, b) => a ** b,
};

/** Numbers with numbers, series with both, arrays with all: of two arrays each with its counterpart. */
function operate(left: Value, right: Value, operation: (a: number, b: number) => number): Value {
  if (isArray(left)) {
    if (!isArray(right)) return left.map((series) => operate(series, right, operation) as TimeSeries);
    if (left.length !== right.length) throw new Error("Arrays of different lengths cannot be taken together");
    return left.map((series, index) => operate(series, right[index] ?? series, operation) as TimeSeries);
  }
  if (isArray(right)) return right.map((series) => operate(left, series, operation) as TimeSeries);
  if (isSeries(left))
    return isSeries(right) ? joined(left, right, operation) : mapped(left, (value) => operation(value, right));
  return isSeries(right) ? mapped(right, (value) => operation(left, value)) : operation(left, right);
}

function call(name: string, args: readonly Expression[], scope: Scope): Value {
  const refused = missing[name];
  if (refused !== undefined) throw new Error(`${name}: ${refused}`);
  switch (name) {
    case "SEARCH": {
      const [query, statistic] = args;
      if (query?.kind !== "text" || statistic?.kind !== "text")
        throw new Error("SEARCH takes a search expression and a statistic, both in quotes, and a period");
      return scope.search(query.text, statistic.text, args[2] === undefined ? undefined : numberOf(args[2], scope));
    }
    case "METRICS": {
      const [filter] = args;
      if (filter !== undefined && filter.kind !== "text") throw new Error("METRICS takes a text in quotes");
      return scope.metrics(filter?.text ?? "");
    }
    case "FILL":
      return callFill(args, scope);
    case "IF":
      return callIf(args, scope);
    case "SORT":
      return callSort(args, scope);
    default: {
      const known = Object.hasOwn(functions, name) ? functions[name] : undefined;
      if (known === undefined) throw new Error(`Unrecognized function ${name}`);
      return known(
        args.map((argument) => evaluate(argument, scope)),
        scope,
      );
    }
  }
}

function numberOf(expression: Expression, scope: Scope): number {
  const value = evaluate(expression, scope);
  if (typeof value !== "number") throw new Error("Expected a number");
  return value;
}

function callFill(args: readonly Expression[], scope: Scope): Value {
  const [given, by] = args;
  if (given === undefined || by === undefined || args.length !== 2)
    throw new Error("FILL takes a time series, and a number, REPEAT or LINEAR");
  const value = evaluate(given, scope);
  if (typeof value === "number") throw new Error("FILL takes a time series, not a number");
  const word = by.kind === "name" && (by.name === "REPEAT" || by.name === "LINEAR") ? by.name : undefined;
  const filling = word ?? evaluate(by, scope);
  if (isArray(filling as Value)) throw new Error("FILL takes a number, REPEAT, LINEAR or one time series");
  const filled = (series: TimeSeries) => fill(series, filling as number | TimeSeries | "REPEAT" | "LINEAR", scope);
  return isArray(value) ? value.map(filled) : filled(value);
}

/** Of each value by itself: where the condition is true, that; where it is not, the other, or nothing. */
function callIf(args: readonly Expression[], scope: Scope): Value {
  const [conditionGiven, thenGiven, otherwiseGiven] = args;
  if (conditionGiven === undefined || thenGiven === undefined || args.length > 3)
    throw new Error("IF takes a condition, a value where it is true, and one where it is not");
  const condition = evaluate(conditionGiven, scope);
  const then = evaluate(thenGiven, scope);
  const otherwise = otherwiseGiven === undefined ? Number.NaN : evaluate(otherwiseGiven, scope);
  if (isArray(condition) || isArray(then) || isArray(otherwise))
    throw new Error("IF takes numbers and single time series");
  if (typeof condition === "number") return condition !== 0 ? then : otherwise;
  const at = (value: number | TimeSeries) => {
    if (typeof value === "number") return () => value;
    const known = new Map(value.times.map((time, index) => [time, value.values[index] ?? 0]));
    return (time: number) => known.get(time) ?? Number.NaN;
  };
  const [thenAt, otherwiseAt] = [at(then), at(otherwise)];
  return mapped(condition, (isTrue, time) => (isTrue !== 0 ? thenAt(time) : otherwiseAt(time)));
}

function callSort(args: readonly Expression[], scope: Scope): Value {
  const [given, by, order, limit] = args;
  const keyOf = by?.kind === "name" ? sortKeys[by.name] : undefined;
  const direction = order?.kind === "name" ? order.name : "";
  if (given === undefined || keyOf === undefined || (direction !== "ASC" && direction !== "DESC"))
    throw new Error("SORT takes an array of time series, one of AVG, MIN, MAX and SUM, and ASC or DESC");
  const sign = direction === "ASC" ? 1 : -1;
  const sorted = seriesIn(evaluate(given, scope))
    .filter(({ values }) => values.length > 0)
    .toSorted((one, other) => sign * (keyOf(one.values) - keyOf(other.values)));
  return limit === undefined ? sorted : sorted.slice(0, numberOf(limit, scope));
}
