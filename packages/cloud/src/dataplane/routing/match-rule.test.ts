import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ConditionConfig } from "../data-plane.ts";
import { parseRequestHead } from "../http/request-head.ts";
import type { RequestHead } from "../http/request-head.ts";
import { compileCondition, compileRules, hostName } from "./match-rule.ts";
import { redirectAnswer } from "./redirect.ts";
import { matchesWildcard } from "./wildcard.ts";

const request = (line: string, ...headers: string[]) =>
  parseRequestHead(
    `${[`${line} HTTP/1.1`, "Host: WWW.Example.com:8080", ...headers].join("\r\n")}\r\n\r\n`,
  ) as RequestHead;

describe("wildcards", () => {
  test.each([
    ["/img/*", "/img/a/b", true],
    ["/img/*", "/img", false],
    ["/a?c", "/abc", true],
    ["/a?c", "/ac", false],
    ["*", "", true],
    ["*.example.com", "a.b.example.com", true],
    ["*a*b*", "xxaxxbxx", true],
    ["*a*b*", "xxbxxaxx", false],
  ])("%s and %s: %s", (pattern, text, matches) => {
    expect(matchesWildcard(pattern, text)).toBe(matches);
  });

  test("match as a regular expression would", () => {
    const some = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 });
    fc.assert(
      fc.property(some, text, (pattern, subject) => {
        const expression = new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`);
        expect(matchesWildcard(pattern, subject)).toBe(expression.test(subject));
      }),
    );
  });
});

describe("conditions", () => {
  test.each<[string, ConditionConfig, string, boolean]>([
    ["a path in its case", { field: "path-pattern", values: ["/a/*"] }, "GET /a/b?x", true],
    ["a path in another case", { field: "path-pattern", values: ["/A/*"] }, "GET /a/b", false],
    ["a host in any case, without its port", { field: "host-header", values: ["*.EXAMPLE.com"] }, "GET /", true],
    ["another host", { field: "host-header", values: ["example.com"] }, "GET /", false],
    ["a method", { field: "http-request-method", values: ["PUT", "POST"] }, "POST /", true],
    ["another method", { field: "http-request-method", values: ["PUT"] }, "POST /", false],
    ["an address in a range", { field: "source-ip", values: ["10.0.0.0/8", "127.0.0.0/8"] }, "GET /", true],
    ["an address out of it", { field: "source-ip", values: ["10.0.0.0/8"] }, "GET /", false],
    ["a header's value", { field: "http-header", name: "x-a", values: ["*B*"] }, "GET /", true],
    ["a header that is not there", { field: "http-header", name: "x-b", values: ["*"] }, "GET /", false],
    [
      "a pair of the query",
      { field: "query-string", values: [{ key: "Version", value: "V?" }] },
      "GET /?a=b&version=v1",
      true,
    ],
    ["any key's value", { field: "query-string", values: [{ value: "v1" }] }, "GET /?version=v1", true],
    ["another value", { field: "query-string", values: [{ key: "version", value: "v1" }] }, "GET /?version=v2", false],
    ["no query", { field: "query-string", values: [{ value: "*" }] }, "GET /", false],
  ])("%s", (_, condition, line, isMet) => {
    expect(compileCondition(condition)(request(line, "X-A: abc"), "127.0.0.1")).toBe(isMet);
  });

  test("the first rule whose conditions are all met is taken", () => {
    const action = { type: "fixed-response", status: 200, contentType: "", body: "" } as const;
    const match = compileRules([
      {
        arn: "both",
        conditions: [
          { field: "path-pattern", values: ["/a"] },
          { field: "http-request-method", values: ["GET"] },
        ],
        action,
      },
      { arn: "path", conditions: [{ field: "path-pattern", values: ["/a"] }], action },
      { arn: "default", conditions: [], action },
    ]);
    expect(["GET /a", "PUT /a", "GET /b"].map((line) => match(request(line), "127.0.0.1")?.arn)).toEqual([
      "both",
      "path",
      "default",
    ]);
  });

  test.each([
    ["a:80", "a"],
    ["a", "a"],
    ["[::1]:80", "[::1]"],
    ["[::1]", "[::1]"],
  ])("the name of host %s is %s", (host, name) => {
    expect(hostName(host)).toBe(name);
  });
});

test.each([
  [{}, "https://WWW.Example.com:443/a/b?c=d"],
  [
    { host: "x.#{host}", path: "/new/#{path}", query: "#{query}&from=#{port}" },
    "https://x.WWW.Example.com:443/new/a/b?c=d&from=8080",
  ],
  [{ protocol: "#{protocol}", port: "#{port}", query: "" }, "http://WWW.Example.com:8080/a/b"],
])("a redirect fills in what it keeps", (more, location) => {
  const action = {
    type: "redirect",
    protocol: "HTTPS",
    host: "#{host}",
    port: "443",
    path: "/#{path}",
    query: "#{query}",
    status: 301,
    ...more,
  } as const;
  const answer = redirectAnswer(action, request("GET /a/b?c=d"), { protocol: "http", port: 8080 });
  expect(answer.status).toBe(301);
  expect(Object.fromEntries(answer.headers)).toMatchObject({ Location: location });
});
