import type { AwsError } from "../../../kernel/errors.ts";
import { errors } from "../errors.ts";
import { largestPolicyBytes } from "../limits.ts";
import { matchesPattern } from "./pattern.ts";

/** `*`, or who is named: ARNs and account ids, services, canonical users. */
export type Principals =
  | { readonly any: true }
  | {
      readonly any: false;
      readonly aws: readonly string[];
      readonly services: readonly string[];
      readonly canonical: readonly string[];
    };

/** One line of a `Condition` block: the key must match any of the values. */
export interface Condition {
  /** As written, `ForAnyValue:` and `IfExists` included. */
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

export interface Statement {
  readonly effect: "Allow" | "Deny";
  readonly principals: Principals;
  /** The statement is for everybody but `principals`. */
  readonly notPrincipal: boolean;
  readonly actions: readonly string[];
  readonly notAction: boolean;
  readonly resources: readonly string[];
  readonly notResource: boolean;
  readonly conditions: readonly Condition[];
}

export type Policy = readonly Statement[];

export const operatorNames = [
  "StringEquals",
  "StringNotEquals",
  "StringEqualsIgnoreCase",
  "StringNotEqualsIgnoreCase",
  "StringLike",
  "StringNotLike",
  "ArnEquals",
  "ArnNotEquals",
  "ArnLike",
  "ArnNotLike",
  "NumericEquals",
  "NumericNotEquals",
  "NumericLessThan",
  "NumericLessThanEquals",
  "NumericGreaterThan",
  "NumericGreaterThanEquals",
  "DateEquals",
  "DateNotEquals",
  "DateLessThan",
  "DateLessThanEquals",
  "DateGreaterThan",
  "DateGreaterThanEquals",
  "Bool",
  "BinaryEquals",
  "IpAddress",
  "NotIpAddress",
  "Null",
] as const;
export type OperatorName = (typeof operatorNames)[number];

/** A condition's operator taken apart; undefined if there is no such operator. */
export function parseOperator(
  text: string,
): { readonly name: OperatorName; readonly set: "one" | "all" | "any"; readonly ifExists: boolean } | undefined {
  const { set, base, ifExists } =
    /^(?:(?<set>ForAllValues|ForAnyValue):)?(?<base>.+?)(?<ifExists>IfExists)?$/.exec(text)?.groups ?? {};
  const name = operatorNames.find((known) => known === base);
  if (name === undefined) return undefined;
  return {
    name,
    set: set === "ForAllValues" ? "all" : set === "ForAnyValue" ? "any" : "one",
    ifExists: ifExists !== undefined,
  };
}

const malformed = (message: string): AwsError => errors.MalformedPolicy(message);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** One string or several; undefined if it is anything else. */
function strings(value: unknown): readonly string[] | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.length > 0 && list.every((item) => typeof item === "string") ? list : undefined;
}

/** The one of two fields that is there. */
function either(
  statement: Readonly<Record<string, unknown>>,
  field: string,
): { readonly value: unknown; readonly not: boolean } {
  const own = statement[field];
  const negated = statement[`Not${field}`];
  if (own === undefined && negated === undefined) throw malformed(`Missing required field ${field}`);
  if (own !== undefined && negated !== undefined) throw malformed("Invalid policy syntax.");
  return own === undefined ? { value: negated, not: true } : { value: own, not: false };
}

function readPrincipals(value: unknown): Principals {
  if (value === "*") return { any: true };
  if (!isRecord(value)) throw malformed("Invalid policy syntax.");
  const of = (type: string): readonly string[] => {
    if (value[type] === undefined) return [];
    const found = strings(value[type]);
    if (found === undefined) throw malformed("Invalid policy syntax.");
    return found;
  };
  const unknown = Object.keys(value).find((type) => !["AWS", "Service", "Federated", "CanonicalUser"].includes(type));
  if (unknown !== undefined || Object.keys(value).length === 0) throw malformed("Invalid principal in policy");
  const aws = of("AWS");
  if (aws.includes("*")) return { any: true };
  if (
    !aws.every((name) =>
      /^(\d{12}|arn:aws[a-z-]*:(iam|sts)::\d{12}:(root|(user|role|assumed-role|federated-user)\/.+)|AIDA\w+|AROA\w+)$/.test(
        name,
      ),
    )
  ) {
    throw malformed("Invalid principal in policy");
  }
  return { any: false, aws, services: [...of("Service"), ...of("Federated")], canonical: of("CanonicalUser") };
}

/** Actions on objects; all others of S3 are on buckets. */
const objectActions =
  /^s3:(abortmultipartupload|listmultipartuploadparts|bypassgovernanceretention|(get|put|delete|restore|replicate|update)object(?!lockconfiguration).*|replicate(delete|tags)|objectowneroverridetobucketowner)$/;

function checkApplies(action: string, resources: readonly string[]): void {
  if (/[*?]/.test(action)) return;
  const onObjects = objectActions.test(action.toLowerCase());
  const applies = resources.some((resource) => {
    const path = resource.replace(/^arn:[^:]*:s3:::/, "");
    return onObjects ? /[/*]/.test(path) : !path.includes("/");
  });
  if (!applies) throw malformed("Action does not apply to any resource(s) in statement");
}

function readStatement(statement: unknown, bucket: string): Statement {
  if (!isRecord(statement)) throw malformed("Invalid policy syntax.");
  const known = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
  ];
  const unknown = Object.keys(statement).find((field) => !known.includes(field));
  if (unknown !== undefined) throw malformed(`Unknown field ${unknown}`);
  const { Effect: effect } = statement;
  if (effect === undefined) throw malformed("Missing required field Effect");
  if (effect !== "Allow" && effect !== "Deny")
    throw malformed(`Invalid effect: ${typeof effect === "string" ? effect : JSON.stringify(effect)}`);
  const principal = either(statement, "Principal");
  const action = either(statement, "Action");
  const resource = either(statement, "Resource");
  const principals = readPrincipals(principal.value);
  const actions = strings(action.value);
  if (actions === undefined || !actions.every((name) => name === "*" || /^s3:[A-Za-z*?]+$/i.test(name))) {
    throw malformed("Policy has invalid action");
  }
  const resources = strings(resource.value);
  const ofBucket = (arn: string) => {
    const path = /^arn:aws[a-z-]*:s3:::(?<path>.+)$/.exec(arn)?.groups?.["path"];
    return arn === "*" || (path !== undefined && matchesPattern(path.split("/", 1)[0] ?? "", bucket));
  };
  if (resources === undefined || !resources.every(ofBucket)) throw malformed("Policy has invalid resource");
  if (!action.not && !resource.not) for (const name of actions) checkApplies(name, resources);
  return {
    effect,
    principals,
    notPrincipal: principal.not,
    actions,
    notAction: action.not,
    resources,
    notResource: resource.not,
    conditions: readConditions(statement["Condition"]),
  };
}

function readConditions(block: unknown): readonly Condition[] {
  if (block === undefined) return [];
  if (!isRecord(block)) throw malformed("Invalid policy syntax.");
  return Object.entries(block).flatMap(([operator, lines]) => {
    if (parseOperator(operator) === undefined) throw malformed(`Invalid Condition type : ${operator}`);
    if (!isRecord(lines)) throw malformed("Invalid policy syntax.");
    return Object.entries(lines).map(([key, value]) => {
      const list: readonly unknown[] = Array.isArray(value) ? value : [value];
      if (!list.every((item) => ["string", "number", "boolean"].includes(typeof item)))
        throw malformed("Invalid policy syntax.");
      return { operator, key, values: list.map(String) };
    });
  });
}

/**
 * Reads a bucket policy, and refuses what S3 refuses.
 *
 * @throws AwsError `MalformedPolicy`, with what is wrong
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function parsePolicy(text: string, bucket: string): Policy {
  if (Buffer.byteLength(text) > largestPolicyBytes) {
    throw malformed(`Normalized policy document exceeds the maximum allowed size of ${largestPolicyBytes} bytes.`);
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw malformed("Policies must be valid JSON and the first byte must be '{'");
  }
  if (!isRecord(document)) throw malformed("Policies must be valid JSON and the first byte must be '{'");
  const unknown = Object.keys(document).find((field) => !["Version", "Id", "Statement"].includes(field));
  if (unknown !== undefined) throw malformed(`Unknown field ${unknown}`);
  const { Version: version, Statement: statement } = document;
  if (version !== undefined && version !== "2012-10-17" && version !== "2008-10-17") {
    throw malformed("The policy must contain a valid version string");
  }
  const statements: readonly unknown[] = Array.isArray(statement)
    ? statement
    : statement === undefined
      ? []
      : [statement];
  if (statements.length === 0) throw malformed("Missing required field Statement");
  return statements.map((each) => readStatement(each, bucket));
}
