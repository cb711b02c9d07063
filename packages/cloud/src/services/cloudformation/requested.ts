import type { Parameter, Tag } from "@aws-sdk/client-cloudformation";
import type { Context } from "../../kernel/context.ts";
import { resourceTypeNamed } from "../../kernel/resource.ts";
import { isAwsError } from "../../kernel/errors.ts";
import { instantiate, transformTemplate } from "./environment.ts";
import type { StackIdentity } from "./environment.ts";
import { errors } from "./errors.ts";
import type { Desired, Stack } from "./model.ts";
import { templateOf } from "./store.ts";
import { limits } from "./template/model.ts";
import type { ParameterDefinition, Template } from "./template/model.ts";
import { storedType } from "./template/parameter-types.ts";
import { giveParameters, parameterValue } from "./template/parameters.ts";
import type { ParameterValue } from "./template/parameters.ts";
import { parseTemplate } from "./template/parse.ts";
import { checkRules } from "./template/rules.ts";
import { readParameters } from "./template/sections.ts";
import { TemplateError } from "./template/template-error.ts";
import { validate } from "./template/validate.ts";
import { fetchTemplate } from "./template-url.ts";

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html */
const mostTopics = 5;

/** What requests that bring a template have in common. */
export interface TemplateInput {
  readonly TemplateBody?: string | undefined;
  readonly TemplateURL?: string | undefined;
  readonly UsePreviousTemplate?: boolean | undefined;
}

export interface StackInput extends TemplateInput {
  readonly Parameters?: readonly Parameter[] | undefined;
  readonly Capabilities?: readonly string[] | undefined;
  readonly Tags?: readonly Tag[] | undefined;
  readonly RoleARN?: string | undefined;
  readonly NotificationARNs?: readonly string[] | undefined;
  readonly RollbackConfiguration?: { readonly RollbackTriggers?: readonly unknown[] | undefined } | undefined;
}

/** A request, read and checked. */
export interface Requested {
  readonly text: string;
  readonly template: Template;
  readonly desired: Desired;
}

/** The text of the template that a request names. @throws AwsError `ValidationError` */
export async function templateText(ctx: Context, input: TemplateInput, stack: Stack | undefined): Promise<string> {
  const { TemplateBody: body, TemplateURL: url, UsePreviousTemplate: usesPrevious = false } = input;
  if ([body, url, usesPrevious || undefined].filter((one) => one !== undefined).length !== 1) {
    throw errors.ValidationError("Either Template URL or Template Body must be specified.");
  }
  if (usesPrevious) {
    const text = stack === undefined ? "" : templateOf(ctx, stack.id);
    if (text === "") throw errors.ValidationError("UsePreviousTemplate: the stack has no template yet.");
    return text;
  }
  const text = body ?? (await fetchTemplate(ctx, url ?? ""));
  if (body !== undefined && Buffer.byteLength(body) > limits.bodyBytes) {
    throw errors.ValidationError(
      `1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to ${limits.bodyBytes}`,
    );
  }
  if (Buffer.byteLength(text) > limits.urlBytes) {
    throw errors.ValidationError(`Template may not exceed ${limits.urlBytes} bytes in size.`);
  }
  return text;
}

/** Turns what is wrong with a template into the error that a client is told. */
export async function asValidationError<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TemplateError) throw errors.ValidationError(error.message);
    throw error;
  }
}

/** @throws AwsError `ValidationError` */
function checkTopics(arns: readonly string[]): void {
  if (arns.length > mostTopics)
    throw errors.ValidationError(
      `1 validation error detected: Value at 'notificationARNs' failed to satisfy constraint: Member must have length less than or equal to ${mostTopics}`,
    );
  const wrong = arns.find((arn) => !/^arn:[^:]+:sns:[^:]+:\d{12}:[^:]+$/.test(arn));
  if (wrong !== undefined) throw errors.ValidationError(`NotificationARNs: ${wrong} is not an SNS topic's ARN.`);
}

/**
 * Reads what a request wants a stack to be: template, parameters, tags. Parameter Store is asked for its values here.
 *
 * @param stack - the stack as it is; undefined for a new one
 * @throws AwsError `ValidationError`, `InsufficientCapabilitiesException`
 */
export async function readRequest(
  ctx: Context,
  input: StackInput,
  identity: StackIdentity,
  stack: Stack | undefined,
): Promise<Requested> {
  checkTopics(input.NotificationARNs ?? []);
  if ((input.RollbackConfiguration?.RollbackTriggers ?? []).length > 0) {
    throw errors.ValidationError(
      "RollbackConfiguration: Trysail has no CloudWatch alarms that could trigger a rollback. Leave the triggers out.",
    );
  }
  const text = await templateText(ctx, input, stack);
  return asValidationError(async () => {
    const raw = parseTemplate(text);
    const definitions = readParameters(raw);
    const given = (input.Parameters ?? []).map(({ ParameterKey, ParameterValue: value, UsePreviousValue }) => ({
      key: ParameterKey ?? "",
      value,
      usePrevious: UsePreviousValue === true,
    }));
    const parameters = giveParameters(definitions, given, stack?.parameters);
    const values = await lookUp(ctx, definitions, parameters);
    const template = transformTemplate(raw, values);
    validate(template);
    const desired: Desired = {
      parameters,
      values,
      tags: input.Tags === undefined && stack !== undefined ? stack.tags : readTags(input.Tags ?? []),
      capabilities: [...(input.Capabilities ?? [])],
      roleArn: input.RoleARN ?? stack?.roleArn,
      notificationArns: [...(input.NotificationARNs ?? stack?.notificationArns ?? [])],
      description: template.description,
      hidden: Object.keys(definitions).filter((key) => definitions[key]?.noEcho === true),
      lookedUp: Object.keys(definitions).filter((key) => storedType(definitions[key]?.type ?? "") !== undefined),
    };
    checkRules(template, instantiate(ctx, identity, template, desired, () => "unknown").environment);
    return { text, template, desired };
  });
}

async function lookUp(
  ctx: Context,
  definitions: Readonly<Record<string, ParameterDefinition>>,
  parameters: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, ParameterValue>>> {
  const values: Record<string, ParameterValue> = {};
  const missing: string[] = [];
  for (const [key, text] of Object.entries(parameters)) {
    const type = definitions[key]?.type ?? "String";
    if (storedType(type) === undefined && type !== "AWS::SSM::Parameter::Name") {
      values[key] = parameterValue(type, text);
      continue;
    }
    try {
      const { Parameter: parameter } = await ctx.call.ssm.getParameter({ Name: text });
      if (parameter?.Type === "SecureString")
        throw new TemplateError(
          `Parameters [${text}] referenced by template have types not supported by CloudFormation.`,
        );
      values[key] = storedType(type) === undefined ? text : parameterValue(type, parameter?.Value ?? "");
    } catch (error) {
      if (!isAwsError(error)) throw error;
      missing.push(text);
    }
  }
  if (missing.length > 0)
    throw new TemplateError(`Unable to fetch parameters [${missing.join(",")}] from parameter store for this account.`);
  return values;
}

function readTags(tags: readonly Tag[]): Readonly<Record<string, string>> {
  if (tags.length > 50) throw errors.ValidationError("A stack can have at most 50 tags.");
  const keys = tags.map(({ Key = "" }) => Key);
  const twice = keys.find((key, place) => keys.indexOf(key) !== place);
  if (twice !== undefined) throw errors.ValidationError(`Duplicate tag key: ${twice}`);
  const reserved = keys.find((key) => key.startsWith("aws:"));
  if (reserved !== undefined)
    throw errors.ValidationError("aws: prefixed tag key names are not allowed for external use.");
  return Object.fromEntries(tags.map(({ Key = "", Value = "" }) => [Key, Value]));
}

const iamTypes: Readonly<Record<string, string | undefined>> = {
  "AWS::IAM::AccessKey": undefined,
  "AWS::IAM::Group": "GroupName",
  "AWS::IAM::GroupPolicy": undefined,
  "AWS::IAM::InstanceProfile": "InstanceProfileName",
  "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
  "AWS::IAM::Policy": undefined,
  "AWS::IAM::Role": "RoleName",
  "AWS::IAM::RolePolicy": undefined,
  "AWS::IAM::User": "UserName",
  "AWS::IAM::UserPolicy": undefined,
  "AWS::IAM::UserToGroupAddition": undefined,
};

/** What a template may only do where the caller says that he knows. */
export function capabilitiesFor({ resources }: Template): {
  readonly capabilities: readonly ("CAPABILITY_IAM" | "CAPABILITY_NAMED_IAM")[];
  readonly reason: string;
} {
  const iam = Object.values(resources).filter(({ type }) => Object.hasOwn(iamTypes, type));
  const reason = `The following resource(s) require capabilities: [${[...new Set(iam.map(({ type }) => type))].join(", ")}]`;
  const named = iam.some(({ type, properties }) => properties[iamTypes[type] ?? ""] !== undefined);
  return { capabilities: iam.length === 0 ? [] : [named ? "CAPABILITY_NAMED_IAM" : "CAPABILITY_IAM"], reason };
}

/** @throws AwsError `InsufficientCapabilitiesException` */
export function checkCapabilities({ template, desired }: Requested, isChangeSet: boolean): void {
  const { capabilities } = desired;
  const missing: string[] = capabilitiesFor(template).capabilities.filter(
    (needed) =>
      !capabilities.includes(needed) && !(needed === "CAPABILITY_IAM" && capabilities.includes("CAPABILITY_NAMED_IAM")),
  );
  if (!isChangeSet && template.transforms.length > 0 && !capabilities.includes("CAPABILITY_AUTO_EXPAND"))
    missing.push("CAPABILITY_AUTO_EXPAND");
  if (missing.length > 0)
    throw errors.InsufficientCapabilitiesException(`Requires capabilities : [${missing.join(", ")}]`);
}

/** Why a resource of a template cannot be made at all. */
export interface Problem {
  readonly logicalId: string;
  readonly type: string;
  /** Where in the template: `/Resources/Bucket/Properties/Colour`. */
  readonly path: string;
  readonly reason: string;
}

/** Types that there are not, and properties that types do not have. */
export function problemsIn(ctx: Context, { resources }: Template): readonly Problem[] {
  return Object.entries(resources).flatMap(([logicalId, definition]): Problem[] => {
    const { type, properties } = definition;
    const given = { CreationPolicy: definition.creationPolicy, UpdatePolicy: definition.updatePolicy };
    const problem = (member: string, reason: string): Problem => ({
      logicalId,
      type,
      path: `/Resources/${logicalId}/${member}`,
      reason,
    });
    const known = resourceTypeNamed(ctx.resourceTypes, type);
    if (known === undefined) return [problem("Type", `Unrecognized resource types: [${type}]`)];
    const policies = (["CreationPolicy", "UpdatePolicy"] as const)
      .filter((name) => given[name] !== undefined && known.policies?.includes(name) !== true)
      .map((name) => problem(name, `${name} is not supported for resources of this type`));
    if (Object.keys(properties).some((name) => name.startsWith("Fn::"))) return policies;
    return [
      ...policies,
      ...Object.keys(properties)
        .filter((name) => known.takesAnyProperty !== true && !known.properties.includes(name))
        .map((name) => problem(`Properties/${name}`, `Encountered unsupported property ${name}`)),
      ...(known.required ?? [])
        .filter((name) => properties[name] === undefined)
        .map((name) => problem("Properties", `Property ${name} cannot be empty.`)),
    ];
  });
}

/** All problems in one sentence. */
export function reasonOf(ctx: Context, problems: readonly Problem[]): string {
  const unknown = [
    ...new Set(
      problems.map(({ type }) => type).filter((type) => resourceTypeNamed(ctx.resourceTypes, type) === undefined),
    ),
  ];
  if (unknown.length > 0) return `Template format error: Unrecognized resource types: [${unknown.join(", ")}]`;
  return problems.map(({ logicalId, type, reason }) => `Resource ${logicalId} (${type}): ${reason}`).join("; ");
}

/** @throws AwsError `ValidationError` if a resource cannot be made */
export function refuseProblems(ctx: Context, { template }: Requested): void {
  const problems = problemsIn(ctx, template);
  if (problems.length > 0) throw errors.ValidationError(reasonOf(ctx, problems));
}
