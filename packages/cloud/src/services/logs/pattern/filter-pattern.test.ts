import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitsWildcard } from "./comparison.ts";
import { PatternError, parseFilterPattern } from "./filter-pattern.ts";

const lines = ["[ERROR 400] BAD REQUEST", "[ERROR 401] UNAUTHORIZED", "[WARN] slow", "[INFO] fine"];
const matching = (pattern: string, messages: readonly string[]) => {
  const { matches } = parseFilterPattern(pattern);
  return messages.flatMap((message, index) => (matches(message) ? [index] : []));
};

const access = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534';
const event = JSON.stringify({
  eventType: "UpdateTrail",
  sourceIPAddress: "111.111.111.111",
  arrayKey: ["value", "another value"],
  objectList: [
    { name: "a", id: 1 },
    { name: "b", id: 2 },
  ],
  SomeObject: null,
  ThisFlag: true,
  latency: 250.5,
  "odd key": "x",
});

describe("filter patterns", () => {
  it.each([
    ["", [0, 1, 2, 3]],
    ["ERROR", [0, 1]],
    ["error", []],
    ["ERROR REQUEST", [0]],
    ['"BAD REQUEST"', [0]],
    ["?WARN ?INFO", [2, 3]],
    ["ERROR -REQUEST", [1]],
    ["-ERROR -WARN", [3]],
    ["%ERROR 40[1-9]%", [1]],
    ["?%^.WARN% ?401", [1, 2]],
    ['"[INFO]"', [3]],
  ])("of terms: %s", (pattern, expected) => {
    expect(matching(pattern, lines)).toEqual(expected);
  });

  it.each([
    ["[ip, user, username, timestamp, request, status_code, bytes]", true],
    ["[ip, user, username, timestamp, request, status_code = 4*, bytes > 1000]", true],
    ["[ip, user, username, timestamp, request, status_code = 4*, bytes > 2000]", false],
    ["[ip, user, username, timestamp, request = *html*, status_code = 404 || status_code = 410, bytes]", true],
    ["[ip, user, username, timestamp, request, status_code != 404 && status_code != 410, bytes]", false],
    ["[..., status_code, bytes < 1e4]", true],
    ["[ip = %127\\.0\\.0\\.[12]%, ...]", true],
    ["[ip, ..., bytes = 1534]", true],
    ["[ip, user]", false],
    ["[,, username = frank, ...]", true],
  ])("of fields: %s", (pattern, expected) => {
    expect(parseFilterPattern(pattern).matches(access)).toBe(expected);
  });

  it.each([
    ['{ $.eventType = "UpdateTrail" }', true],
    ["{ $.eventType = Update* }", true],
    ['{ $.sourceIPAddress != "123.123.*" }', true],
    ['{ $.arrayKey[0] = "value" }', true],
    ['{ $.arrayKey[*] = "another*" }', true],
    ["{ $.objectList[1].id = 2 }", true],
    ["{ $.objectList[1].id > 2.5 }", false],
    ["{ $.latency >= 2.505e2 }", true],
    ["{ $.SomeObject IS NULL }", true],
    ["{ $.SomeOtherObject NOT EXISTS }", true],
    ["{ $.SomeObject NOT EXISTS }", false],
    ["{ $.latency EXISTS }", true],
    ["{ $.ThisFlag IS TRUE }", true],
    ["{ $.ThisFlag IS FALSE }", false],
    ['{ ($.latency = 1 || $.latency > 200) && ($.eventType = "UpdateTrail") }', true],
    ['{ $.latency = 1 && $.eventType = "UpdateTrail" || $.ThisFlag IS TRUE }', true],
    ['{ $.latency = 1 && ($.eventType = "UpdateTrail" || $.ThisFlag IS TRUE) }', false],
    ["{ $.sourceIPAddress = %1{3}\\.1+% }", true],
    ['{ $.["odd key"] = "x" }', true],
    ["{ $.missing != 1 }", false],
  ])("of JSON: %s", (pattern, expected) => {
    expect(parseFilterPattern(pattern.replace("$.[", "$[")).matches(event)).toBe(expected);
    expect(parseFilterPattern(pattern.replace("$.[", "$[")).matches("no JSON")).toBe(false);
  });

  it.each([
    "{ $.a = 1",
    "{ $.a }",
    "{ a = 1 }",
    "[a, b",
    "[..., a, ...]",
    '"open',
    "%open",
    "ERR*R",
    "%(?=a)%",
    "{ $.a = %[% }",
    "x".repeat(1025),
  ])("that are wrong are refused: %s", (pattern) => {
    expect(() => parseFilterPattern(pattern)).toThrow(PatternError);
  });

  it("tell what they name of a message", () => {
    expect(parseFilterPattern("[ip, ..., bytes]").extract(access)).toEqual({ $ip: "127.0.0.1", $bytes: "1534" });
    expect(parseFilterPattern("{ $.latency > 1 && $.eventType = * }").extract(event)).toEqual({
      "$.latency": "250.5",
      "$.eventType": "UpdateTrail",
    });
  });

  it("have wildcards that fit as a regular expression would", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "*") });
    fc.assert(
      fc.property(text, text, (pattern, value) => {
        const expression = new RegExp(`^${pattern.split("*").join("[^]*")}$`);
        expect(fitsWildcard(pattern, value)).toBe(expression.test(value));
      }),
    );
  });
});
