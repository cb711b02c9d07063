import { expect, test } from "vitest";
import { problemOf } from "./policy-document.ts";

const allow = { Effect: "Allow", Action: "s3:GetObject", Resource: "*" };
const trust = { Effect: "Allow", Principal: { Service: "codebuild.amazonaws.com" }, Action: "sts:AssumeRole" };
const policy = (statement: unknown) => JSON.stringify({ Version: "2012-10-17", Statement: statement });

test.each([
  ["one statement", policy(allow), "identity"],
  [
    "several statements",
    policy([allow, { ...allow, Sid: "b", NotResource: "arn:aws:s3:::x", Resource: undefined }]),
    "identity",
  ],
  ["everything", policy({ Effect: "Deny", NotAction: ["*"], Resource: ["*"] }), "identity"],
  ["no version", JSON.stringify({ Statement: allow }), "identity"],
  ["a trust policy", policy(trust), "trust"],
] as const)("a policy with %s is taken", (_, document, use) => expect(problemOf(document, use)).toBeUndefined());

test.each([
  ["{", "identity", "Syntax errors in policy."],
  ["{", "trust", "This policy contains invalid Json"],
  ["[]", "identity", "Syntax errors in policy."],
  [
    JSON.stringify({ Version: "2020-01-01", Statement: allow }),
    "identity",
    "The policy must contain a valid version string.",
  ],
  [policy({ ...allow, Resource: undefined }), "identity", "Policy statement must contain resources."],
  [policy({ ...allow, Action: [] }), "identity", "Policy statement must contain actions."],
  [
    policy({ ...allow, Action: "GetObject" }),
    "identity",
    "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
  ],
  [policy({ ...allow, Resource: "bucket" }), "identity", 'Resource bucket must be in ARN format or "*".'],
  [policy({ ...allow, Effect: undefined }), "identity", "Missing required field Effect"],
  [policy({ ...allow, Principal: "*" }), "identity", "Policy document should not specify a principal."],
  [policy({ ...allow, Effects: "Allow" }), "identity", "Syntax errors in policy."],
  [
    policy([
      { ...allow, Sid: "a" },
      { ...allow, Sid: "a" },
    ]),
    "identity",
    "Statement IDs (SID) in a single policy must be unique.",
  ],
  [policy({ ...trust, Resource: "*" }), "trust", "Has prohibited field Resource"],
  [policy({ ...trust, Principal: undefined }), "trust", "Missing required field Principal"],
] as const)("%s as a policy of %s: %s", (document, use, problem) => expect(problemOf(document, use)).toBe(problem));
