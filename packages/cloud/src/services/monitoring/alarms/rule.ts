import type { StateValue } from "@aws-sdk/client-cloudwatch";

/** What makes a composite alarm an alarm. */
export type Rule =
  | { readonly kind: "constant"; readonly value: boolean }
  | { readonly kind: "state"; readonly state: StateValue; readonly alarm: string }
  | { readonly kind: "not"; readonly rule: Rule }
  | { readonly kind: "and" | "or"; readonly left: Rule; readonly right: Rule };

const tokenPattern = /\s*(?:(?<sign>[()])|"(?<quoted>[^"]*)"|'(?<single>[^']*)'|(?<bare>[^\s()"']+))/y;
const states: readonly StateValue[] = ["ALARM", "OK", "INSUFFICIENT_DATA"];
const deepest = 100;

type Token = { readonly text: string; readonly isBare: boolean };

/**
 * Reads a rule: `ALARM("cpu") AND NOT (OK(deploying) OR FALSE)`. NOT binds tightest, then AND, then OR.
 *
 * @throws Error that tells what is wrong with it
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
 */
export function parseRule(text: string): Rule {
  const tokens: Token[] = [];
  for (let at = 0; at < text.trimEnd().length; at = tokenPattern.lastIndex) {
    tokenPattern.lastIndex = at;
    const { sign, quoted, single, bare } = tokenPattern.exec(text)?.groups ?? {};
    const found = sign ?? quoted ?? single ?? bare;
    if (found === undefined) throw new Error(`unexpected character at ${at}`);
    tokens.push({ text: found, isBare: sign !== undefined || bare !== undefined });
  }
  let at = 0;
  let depth = 0;
  const rule = either();
  if (at < tokens.length) throw new Error(`unexpected '${tokens[at]?.text}'`);
  return rule;

  function isNext(word: string): boolean {
    const token = tokens[at];
    return token?.isBare === true && token.text.toUpperCase() === word;
  }

  function expect(word: string): void {
    if (!isNext(word)) throw new Error(`expected '${word}', found '${tokens[at]?.text ?? "the end"}'`);
    at += 1;
  }

  function either(): Rule {
    let left = both();
    while (isNext("OR")) {
      at += 1;
      left = { kind: "or", left, right: both() };
    }
    return left;
  }

  function both(): Rule {
    let left = one();
    while (isNext("AND")) {
      at += 1;
      left = { kind: "and", left, right: one() };
    }
    return left;
  }

  function one(): Rule {
    depth += 1;
    if (depth > deepest) throw new Error("the rule is nested too deeply");
    try {
      return single();
    } finally {
      depth -= 1;
    }
  }

  function single(): Rule {
    if (isNext("NOT")) {
      at += 1;
      return { kind: "not", rule: one() };
    }
    if (isNext("(")) {
      at += 1;
      const inner = either();
      expect(")");
      return inner;
    }
    for (const [word, value] of [
      ["TRUE", true],
      ["FALSE", false],
    ] as const)
      if (isNext(word)) {
        at += 1;
        return { kind: "constant", value };
      }
    const state = states.find(isNext);
    if (state === undefined) throw new Error(`unexpected '${tokens[at]?.text ?? "end"}'`);
    at += 1;
    expect("(");
    const alarm = tokens[at]?.text;
    if (alarm === undefined || alarm === "(" || alarm === ")") throw new Error(`${state} lacks the name of an alarm`);
    at += 1;
    expect(")");
    return { kind: "state", state, alarm };
  }
}

/** A rule as text. */
export function printRule(rule: Rule): string {
  switch (rule.kind) {
    case "constant":
      return rule.value ? "TRUE" : "FALSE";
    case "state":
      return `${rule.state}("${rule.alarm}")`;
    case "not":
      return `(NOT ${printRule(rule.rule)})`;
    case "and":
    case "or":
      return `(${printRule(rule.left)} ${rule.kind.toUpperCase()} ${printRule(rule.right)})`;
  }
}

/** The alarms that a rule names, by name or ARN, each once. */
export function childrenOf(rule: Rule): readonly string[] {
  switch (rule.kind) {
    case "constant":
      return [];
    case "state":
      return [rule.alarm];
    case "not":
      return childrenOf(rule.rule);
    case "and":
    case "or":
      return [...new Set([...childrenOf(rule.left), ...childrenOf(rule.right)])];
  }
}

/** Whether a rule is met. @param stateOf - undefined for an alarm that there is not */
export function isMet(rule: Rule, stateOf: (alarm: string) => StateValue | undefined): boolean {
  switch (rule.kind) {
    case "constant":
      return rule.value;
    case "state":
      return stateOf(rule.alarm) === rule.state;
    case "not":
      return !isMet(rule.rule, stateOf);
    case "and":
      return isMet(rule.left, stateOf) && isMet(rule.right, stateOf);
    case "or":
      return isMet(rule.left, stateOf) || isMet(rule.right, stateOf);
  }
}
