import { errors } from "./errors.ts";

/** What a policy is for: it decides which elements it must and must not have. */
export type PolicyUse = "identity" | "trust";

const versions = new Set(["2008-10-17", "2012-10-17"]);
const policyElements = new Set(["Version", "Id", "Statement"]);
const statementElements = new Set(
  "Sid Effect Principal NotPrincipal Action NotAction Resource NotResource Condition".split(" "),
);

/**
 * Checks the grammar of a policy, as far as AWS does when it is stored.
 *
 * @throws AwsError `MalformedPolicyDocument`
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function checkPolicyDocument(document: string, use: PolicyUse): void {
  const problem = problemOf(document, use);
  if (problem !== undefined) throw errors.MalformedPolicyDocument(problem);
}

/** What is wrong with a policy; undefined if nothing is. */
export function problemOf(document: string, use: PolicyUse): string | undefined {
  let policy: unknown;
  try {
    policy = JSON.parse(document);
  } catch {
    return use === "trust" ? "This policy contains invalid Json" : "Syntax errors in policy.";
  }
  if (!isObject(policy)) return "Syntax errors in policy.";
  if (Object.keys(policy).some((element) => !policyElements.has(element))) return "Syntax errors in policy.";
  const { Version: version, Statement: statement } = policy;
  if (version !== undefined && !(typeof version === "string" && versions.has(version)))
    return "The policy must contain a valid version string.";
  if (statement === undefined) return "Syntax errors in policy.";
  const statements: unknown[] = Array.isArray(statement) ? statement : [statement];
  const ids = statements.flatMap((one) =>
    isObject(one) && typeof one["Sid"] === "string" && one["Sid"] !== "" ? [one["Sid"]] : [],
  );
  if (new Set(ids).size < ids.length) return "Statement IDs (SID) in a single policy must be unique.";
  for (const one of statements) {
    const problem = statementProblem(one, use);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function statementProblem(statement: unknown, use: PolicyUse): string | undefined {
  if (!isObject(statement)) return "Syntax errors in policy.";
  const unknown = Object.keys(statement).find((element) => !statementElements.has(element));
  if (unknown !== undefined) return "Syntax errors in policy.";
  const { Effect: effect, Principal: principal, NotPrincipal: notPrincipal, Condition: condition } = statement;
  if (effect !== "Allow" && effect !== "Deny")
    return effect === undefined ? "Missing required field Effect" : `Invalid effect: ${JSON.stringify(effect)}`;
  const actions = textsOf(statement["Action"] ?? statement["NotAction"]);
  const resources = textsOf(statement["Resource"] ?? statement["NotResource"]);
  if (actions === undefined) return "Policy statement must contain actions.";
  const strange = actions.find((action) => action !== "*" && !/^[A-Za-z0-9-]+:.+$/.test(action));
  if (strange !== undefined) return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
  if (condition !== undefined && !isObject(condition)) return "Syntax errors in policy.";
  if (use === "trust") {
    if (resources !== undefined) return "Has prohibited field Resource";
    if (principal === undefined && notPrincipal === undefined) return "Missing required field Principal";
    return principal === undefined || principal === "*" || isObject(principal)
      ? undefined
      : "Invalid principal in policy.";
  }
  if (principal !== undefined || notPrincipal !== undefined) return "Policy document should not specify a principal.";
  if (resources === undefined) return "Policy statement must contain resources.";
  const notArn = resources.find((resource) => resource !== "*" && !/^(arn:|\*)/.test(resource));
  return notArn === undefined ? undefined : `Resource ${notArn} must be in ARN format or "*".`;
}

/** The size that quotas count: without white space. */
export function sizeOf(document: string): number {
  return document.replace(/\s/g, "").length;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One text, or several, as a list; undefined for anything else, and for an empty list. */
function textsOf(value: unknown): readonly string[] | undefined {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  const texts = list.filter((one) => typeof one === "string");
  return texts.length > 0 && texts.length === list.length ? texts : undefined;
}
