import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePolicy } from "./document.ts";
import { evaluatePolicy, isPublicPolicy } from "./evaluate.ts";
import type { PolicyPrincipal } from "./evaluate.ts";
import { matchesPattern } from "./pattern.ts";

const bucketArn = "arn:aws:s3:::site";
const publicRead = { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: `${bucketArn}/*` };
const anonymous: PolicyPrincipal = { type: "anonymous" };
const deployer: PolicyPrincipal = {
  type: "aws",
  arn: "arn:aws:sts::222222222222:assumed-role/deployer/session",
  account: "222222222222",
  canonicalId: "c2",
};

const parse = (...statements: readonly object[]) =>
  parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement: statements }), "site");

function decide(
  statements: readonly object[],
  request: {
    principal?: PolicyPrincipal;
    action?: string;
    resource?: string;
    values?: Readonly<Record<string, readonly string[]>>;
  },
) {
  const { principal = anonymous, action = "s3:GetObject", resource = `${bucketArn}/a.html`, values = {} } = request;
  return evaluatePolicy(parse(...statements), { principal, action, resource, value: (key) => values[key] });
}

describe("a policy decides", () => {
  test.each([
    ["anybody may read", [publicRead], {}, "allow"],
    ["reading is not writing", [publicRead], { action: "s3:PutObject" }, "silent"],
    ["actions ignore case and take wildcards", [{ ...publicRead, Action: "S3:get*" }], {}, "allow"],
    ["objects are not their bucket", [publicRead], { action: "s3:ListBucket", resource: bucketArn }, "silent"],
    ["other prefixes", [{ ...publicRead, Resource: `${bucketArn}/public/*` }], {}, "silent"],
    ["a deny outweighs", [publicRead, { ...publicRead, Effect: "Deny", Resource: `${bucketArn}/a*` }], {}, "deny"],
    ["NotAction", [{ Effect: "Allow", Principal: "*", NotAction: "s3:Put*", Resource: `${bucketArn}/*` }], {}, "allow"],
    [
      "NotResource",
      [{ Effect: "Allow", Principal: "*", Action: "s3:*", NotResource: `${bucketArn}/a*` }],
      {},
      "silent",
    ],
    [
      "an account's root is everybody in it",
      [{ ...publicRead, Principal: { AWS: "arn:aws:iam::222222222222:root" } }],
      { principal: deployer },
      "allow",
    ],
    [
      "an account's id, too",
      [{ ...publicRead, Principal: { AWS: ["222222222222"] } }],
      { principal: deployer },
      "allow",
    ],
    [
      "a role with a path",
      [{ ...publicRead, Principal: { AWS: "arn:aws:iam::222222222222:role/ci/deployer" } }],
      { principal: deployer },
      "allow",
    ],
    [
      "another role",
      [{ ...publicRead, Principal: { AWS: "arn:aws:iam::222222222222:role/reader" } }],
      { principal: deployer },
      "silent",
    ],
    ["a named principal is not anybody", [{ ...publicRead, Principal: { AWS: "222222222222" } }], {}, "silent"],
    [
      "a service is nobody who calls from outside",
      [{ ...publicRead, Principal: { Service: "logging.s3.amazonaws.com" } }],
      {},
      "silent",
    ],
    [
      "NotPrincipal",
      [
        publicRead,
        { Effect: "Deny", NotPrincipal: { AWS: "222222222222" }, Action: "s3:*", Resource: `${bucketArn}/*` },
      ],
      {},
      "deny",
    ],
  ] as const)("%s", (_, statements, request, expected) => {
    expect(decide(statements, request)).toBe(expected);
  });
});

describe("a condition", () => {
  test.each([
    [{ StringEquals: { "s3:prefix": ["a", "b"] } }, { "s3:prefix": ["b"] }, true],
    [{ StringEquals: { "s3:prefix": "a" } }, {}, false],
    [{ StringNotEquals: { "s3:prefix": "a" } }, {}, true],
    [{ StringNotEquals: { "s3:prefix": ["a", "b"] } }, { "s3:prefix": ["b"] }, false],
    [{ StringEqualsIfExists: { "s3:prefix": "a" } }, {}, true],
    [{ StringLike: { "aws:Referer": "https://site.test/*" } }, { "aws:referer": ["https://site.test/x"] }, true],
    [{ StringLike: { "aws:Referer": "https://site.test/*" } }, { "aws:referer": ["https://other.test/x"] }, false],
    [{ Bool: { "aws:SecureTransport": false } }, { "aws:securetransport": ["true"] }, false],
    [{ IpAddress: { "aws:SourceIp": ["10.0.0.0/8", "127.0.0.0/8"] } }, { "aws:sourceip": ["127.0.0.1"] }, true],
    [{ NotIpAddress: { "aws:SourceIp": "127.0.0.1" } }, { "aws:sourceip": ["127.0.0.1"] }, false],
    [{ IpAddress: { "aws:SourceIp": "::1/128" } }, { "aws:sourceip": ["127.0.0.1"] }, false],
    [{ NumericLessThanEquals: { "s3:max-keys": "10" } }, { "s3:max-keys": ["10"] }, true],
    [{ NumericLessThanEquals: { "s3:max-keys": 10 } }, { "s3:max-keys": ["11"] }, false],
    [
      { DateGreaterThan: { "aws:CurrentTime": "2026-01-01T00:00:00Z" } },
      { "aws:currenttime": ["2026-01-02T00:00:00Z"] },
      true,
    ],
    [{ Null: { "aws:Referer": "true" } }, {}, true],
    [{ Null: { "aws:Referer": "false" } }, {}, false],
    [{ "ForAllValues:StringEquals": { tags: ["a", "b"] } }, { tags: ["a", "c"] }, false],
    [{ "ForAllValues:StringEquals": { tags: ["a", "b"] } }, {}, true],
    [{ "ForAnyValue:StringEquals": { tags: ["a", "b"] } }, { tags: ["c", "b"] }, true],
    [{ "ForAnyValue:StringEquals": { tags: ["a", "b"] } }, {}, false],
    [{ StringEquals: { "s3:prefix": "${aws:username}" } }, { "s3:prefix": ["me"], "aws:username": ["me"] }, true],
    [{ StringEquals: { "s3:prefix": "${aws:username}" } }, { "s3:prefix": [""] }, false],
    [{ StringEquals: { a: "1" }, StringLike: { b: "2*" } }, { a: ["1"], b: ["3"] }, false],
  ])("%o with %o holds: %s", (condition, values, expected) => {
    expect(decide([{ ...publicRead, Condition: condition }], { values })).toBe(expected ? "allow" : "silent");
  });
});

describe("a malformed policy is told", () => {
  test.each([
    ["no JSON", "Policies must be valid JSON and the first byte must be '{'"],
    ["[]", "Policies must be valid JSON and the first byte must be '{'"],
    [{}, "Missing required field Statement"],
    [{ Statement: [] }, "Missing required field Statement"],
    [{ Version: "2020-01-01", Statement: [publicRead] }, "The policy must contain a valid version string"],
    [{ Statement: [{ ...publicRead, Foo: 1 }] }, "Unknown field Foo"],
    [{ Statement: [{ ...publicRead, Effect: undefined }] }, "Missing required field Effect"],
    [{ Statement: [{ ...publicRead, Effect: "allow" }] }, "Invalid effect: allow"],
    [{ Statement: [{ ...publicRead, Principal: undefined }] }, "Missing required field Principal"],
    [{ Statement: [{ ...publicRead, Principal: { AWS: "nobody" } }] }, "Invalid principal in policy"],
    [{ Statement: [{ ...publicRead, Action: undefined }] }, "Missing required field Action"],
    [{ Statement: [{ ...publicRead, Action: "ec2:RunInstances" }] }, "Policy has invalid action"],
    [{ Statement: [{ ...publicRead, Resource: undefined }] }, "Missing required field Resource"],
    [{ Statement: [{ ...publicRead, Resource: "arn:aws:s3:::other/*" }] }, "Policy has invalid resource"],
    [{ Statement: [{ ...publicRead, Resource: bucketArn }] }, "Action does not apply to any resource(s) in statement"],
    [
      { Statement: [{ ...publicRead, Action: "s3:ListBucket" }] },
      "Action does not apply to any resource(s) in statement",
    ],
    [
      {
        Statement: [
          { ...publicRead, Action: ["s3:ListBucket", "s3:GetObject"], Resource: [bucketArn, `${bucketArn}/*`] },
        ],
      },
      undefined,
    ],
    [{ Statement: [{ ...publicRead, Condition: { StringIs: { a: "b" } } }] }, "Invalid Condition type : StringIs"],
  ])("%o", (document, message) => {
    const text = typeof document === "string" ? document : JSON.stringify(document);
    if (message === undefined) expect(() => parsePolicy(text, "site")).not.toThrow();
    else expect(() => parsePolicy(text, "site")).toThrow(expect.objectContaining({ code: "MalformedPolicy", message }));
  });
});

test.each([
  [publicRead, true],
  [{ ...publicRead, Effect: "Deny" }, false],
  [{ ...publicRead, Principal: { AWS: "222222222222" } }, false],
  [{ ...publicRead, Principal: { AWS: "*" }, Condition: { StringEquals: { "aws:SourceVpce": "vpce-1" } } }, false],
  [{ ...publicRead, Condition: { StringLike: { "aws:SourceVpce": "vpce-*" } } }, true],
  [{ ...publicRead, Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } }, false],
  [{ ...publicRead, Condition: { IpAddress: { "aws:SourceIp": "0.0.0.0/1" } } }, true],
  [{ ...publicRead, Condition: { StringEquals: { "aws:Referer": "https://site.test" } } }, true],
])("%o is public: %s", (statement, expected) => {
  expect(isPublicPolicy(parse(statement))).toBe(expected);
});

test("a pattern matches as the regular expression of its meaning does", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 });
  fc.assert(
    fc.property(letters, fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 10 }), (pattern, text) => {
      const meaning = new RegExp(`^${pattern.replaceAll("*", "[ab]*").replaceAll("?", "[ab]")}$`);
      expect(matchesPattern(pattern, text)).toBe(meaning.test(text));
    }),
    { numRuns: 1000 },
  );
});
