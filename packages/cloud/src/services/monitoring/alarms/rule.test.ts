import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { childrenOf, isMet, parseRule, printRule } from "./rule.ts";
import type { Rule } from "./rule.ts";

const rule: fc.Arbitrary<Rule> = fc.letrec<{ any: Rule }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 5 },
    fc.boolean().map((value): Rule => ({ kind: "constant", value })),
    fc
      .tuple(fc.constantFrom("ALARM", "OK", "INSUFFICIENT_DATA"), fc.stringMatching(/^[a-zA-Z :/()-]{1,9}$/))
      .filter(([, alarm]) => alarm !== "(" && alarm !== ")")
      .map(([state, alarm]): Rule => ({ kind: "state", state, alarm })),
    tie("any").map((inner): Rule => ({ kind: "not", rule: inner })),
    fc
      .tuple(fc.constantFrom("and" as const, "or" as const), tie("any"), tie("any"))
      .map(([kind, left, right]): Rule => ({ kind, left, right })),
  ),
})).any;

describe("a composite alarm's rule", () => {
  it("is read back as it was written", () => {
    fc.assert(
      fc.property(rule, (one) => {
        expect(parseRule(printRule(one))).toEqual(one);
      }),
    );
  });

  it.each([
    ["ALARM(a)", true],
    ["ALARM(b)", false],
    ["ALARM(a) AND ALARM(b) OR OK(b)", true],
    ["NOT ALARM(a) OR ALARM(b)", false],
    ["ALARM(a) AND (ALARM(b) OR TRUE)", true],
    ['INSUFFICIENT_DATA("c d")', true],
    ["alarm(a) and not false", true],
    ["OK(nobody) OR ALARM(nobody)", false],
  ])("%s is %s", (text, expected) => {
    const known: Readonly<Record<string, "ALARM" | "OK" | "INSUFFICIENT_DATA">> = {
      a: "ALARM",
      b: "OK",
      "c d": "INSUFFICIENT_DATA",
    };
    expect(isMet(parseRule(text), (name) => known[name])).toBe(expected);
  });

  it("names each alarm once", () => {
    expect(childrenOf(parseRule("ALARM(a) OR OK(a) AND NOT ALARM(b)"))).toEqual(["a", "b"]);
  });

  it.each(["", "ALARM", "ALARM()", "ALARM(a", "ALARM(a) OK(b)", "AND ALARM(a)", "BROKEN(a)", `${"(".repeat(300)}TRUE`])(
    "%j is refused",
    (text) => {
      expect(() => parseRule(text)).toThrow();
    },
  );
});
