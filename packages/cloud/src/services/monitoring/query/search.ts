import type { ListedMetric } from "../series/list.ts";

/** What a search expression looks for. */
export interface Search {
  /** The namespace and the names of exactly the dimensions that metrics must have. */
  readonly schema: { readonly namespace: string; readonly dimensions: readonly string[] } | undefined;
  readonly term: Term;
}

type Term =
  | { readonly kind: "all" }
  | { readonly kind: "and" | "or"; readonly terms: readonly Term[] }
  | { readonly kind: "not"; readonly term: Term }
  | {
      readonly kind: "word";
      /** Where to look: `MetricName`, `Namespace`, a dimension; anywhere if there is none. */
      readonly property: string | undefined;
      readonly text: string;
      /** In quotes: the whole value must be so. */
      readonly isExact: boolean;
    };

const wordPattern = /\s*(?:(?<sign>[()=])|"(?<quoted>[^"]*)"|(?<bare>[^\s()="]+))/y;

type Word = { readonly text: string; readonly kind: "sign" | "quoted" | "bare" };

function wordsIn(text: string): readonly Word[] {
  const words: Word[] = [];
  const end = text.trimEnd().length;
  let at = 0;
  while (at < end) {
    wordPattern.lastIndex = at;
    const { sign, quoted, bare } = wordPattern.exec(text)?.groups ?? {};
    if (sign !== undefined) words.push({ text: sign, kind: "sign" });
    else if (quoted !== undefined) words.push({ text: quoted, kind: "quoted" });
    else if (bare !== undefined) words.push({ text: bare, kind: "bare" });
    else throw new Error("a quote is not closed");
    at = wordPattern.lastIndex;
  }
  return words;
}

/**
 * Reads a search expression: `{AWS/EC2,InstanceId} MetricName="CPUUtilization" web`.
 *
 * @throws Error that tells what is wrong with it
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
 */
export function parseSearch(text: string): Search {
  const [, braces, rest = ""] = /^\s*(?:\{([^}]*)\})?([\s\S]*)$/.exec(text) ?? [];
  const [namespace = "", ...dimensions] = (braces ?? "").split(",").map((part) => part.trim().replaceAll('"', ""));
  const words = wordsIn(rest);
  let at = 0;
  const term = either();
  if (at < words.length) throw new Error(`unexpected '${words[at]?.text}'`);
  return { schema: braces === undefined ? undefined : { namespace, dimensions }, term };

  function isWord(text_: string, kind: Word["kind"]): boolean {
    return words[at]?.kind === kind && words[at]?.text === text_;
  }

  function either(): Term {
    const terms = [all()];
    while (isWord("OR", "bare")) {
      at += 1;
      terms.push(all());
    }
    return terms.length === 1 ? (terms[0] ?? { kind: "all" }) : { kind: "or", terms };
  }

  function all(): Term {
    const terms: Term[] = [];
    while (at < words.length && !isWord("OR", "bare") && !isWord(")", "sign")) {
      if (isWord("AND", "bare")) at += 1;
      else terms.push(one());
    }
    return terms.length === 0 ? { kind: "all" } : terms.length === 1 ? (terms[0] as Term) : { kind: "and", terms };
  }

  function one(): Term {
    if (isWord("NOT", "bare")) {
      at += 1;
      return { kind: "not", term: one() };
    }
    if (isWord("(", "sign")) {
      at += 1;
      const inner = either();
      if (!isWord(")", "sign")) throw new Error("a parenthesis is not closed");
      at += 1;
      return inner;
    }
    const word = words[at];
    at += 1;
    if (word === undefined || word.kind === "sign") throw new Error(`unexpected '${word?.text ?? "end"}'`);
    if (!isWord("=", "sign"))
      return { kind: "word", property: undefined, text: word.text, isExact: word.kind === "quoted" };
    at += 1;
    if (!isWord("(", "sign")) return valueOf(word.text);
    // `InstanceId=(i-1 OR i-2)`
    at += 1;
    const terms: Term[] = [];
    while (at < words.length && !isWord(")", "sign")) {
      if (isWord("OR", "bare")) at += 1;
      else terms.push(valueOf(word.text));
    }
    at += 1;
    return { kind: "or", terms };
  }

  function valueOf(property: string): Term {
    const value = words[at];
    at += 1;
    if (value === undefined || value.kind === "sign") throw new Error(`${property}= lacks a value`);
    return { kind: "word", property, text: value.text, isExact: value.kind === "quoted" };
  }
}

/** Whether a search finds a metric. */
export function isFound({ schema, term }: Search, metric: ListedMetric): boolean {
  if (schema !== undefined) {
    const names = Object.keys(metric.dimensions);
    if (metric.namespace !== schema.namespace || names.length !== schema.dimensions.length) return false;
    if (!schema.dimensions.every((name) => Object.hasOwn(metric.dimensions, name))) return false;
  }
  return isMet(term, metric);
}

function isMet(term: Term, metric: ListedMetric): boolean {
  switch (term.kind) {
    case "all":
      return true;
    case "and":
      return term.terms.every((one) => isMet(one, metric));
    case "or":
      return term.terms.some((one) => isMet(one, metric));
    case "not":
      return !isMet(term.term, metric);
    case "word":
      return textsOf(metric, term.property).some((text) =>
        term.isExact ? text === term.text : hasTokens(text, term.text),
      );
  }
}

function textsOf({ namespace, name, dimensions }: ListedMetric, property: string | undefined): readonly string[] {
  switch (property) {
    case undefined:
      return [namespace, name, ...Object.keys(dimensions), ...Object.values(dimensions)];
    case "MetricName":
      return [name];
    case "Namespace":
      return [namespace];
    default:
      return dimensions[property] === undefined ? [] : [dimensions[property]];
  }
}

/** Words are found in parts: `CPUUtilization` has `cpu` and `utilization`, `my-app_1` has `my`, `app` and `1`. */
function hasTokens(text: string, wanted: string): boolean {
  const tokens = new Set(tokensOf(text));
  return text.toLowerCase() === wanted.toLowerCase() || tokensOf(wanted).every((token) => tokens.has(token));
}

function tokensOf(text: string): string[] {
  return text
    .replaceAll(/([a-z\d])([A-Z])/g, "$1 $2")
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .split(/[^A-Za-z\d]+/)
    .filter((part) => part !== "")
    .map((part) => part.toLowerCase());
}
