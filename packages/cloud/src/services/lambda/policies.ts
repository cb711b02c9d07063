import type { AddPermissionRequest } from "@aws-sdk/client-lambda";
import type { Context } from "../../kernel/context.ts";
import { errors } from "./errors.ts";
import type { Policy } from "./model.ts";

const largestPolicyBytes = 20_480;

/** A policy as GetPolicy shows it. */
export function policyText({ statements }: Policy): string {
  return JSON.stringify({ Version: "2012-10-17", Id: "default", Statement: Object.values(statements) });
}

/**
 * Adds a statement to a policy.
 *
 * @throws AwsError `ResourceConflictException`, `PolicyLengthExceededException`
 */
export function withStatement(ctx: Context, policy: Policy | undefined, id: string, statement: object): Policy {
  const statements = policy?.statements ?? {};
  if (Object.hasOwn(statements, id)) {
    throw errors.ResourceConflictException(
      `The statement id (${id}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
      { Type: "User" },
    );
  }
  const changed: Policy = { statements: { ...statements, [id]: statement }, revisionId: ctx.ids.uuid() };
  if (Buffer.byteLength(policyText(changed)) > largestPolicyBytes) {
    throw errors.PolicyLengthExceededException("The final policy size is bigger than the limit (20480).", {
      Type: "User",
    });
  }
  return changed;
}

/** Takes a statement away. @returns undefined when none is left @throws AwsError `ResourceNotFoundException` */
export function withoutStatement(ctx: Context, policy: Policy | undefined, id: string): Policy | undefined {
  if (policy === undefined || !Object.hasOwn(policy.statements, id))
    throw errors.ResourceNotFoundException(`Statement ${id} is not found in resource policy.`, { Type: "User" });
  const left = Object.entries(policy.statements).filter(([own]) => own !== id);
  return left.length === 0 ? undefined : { statements: Object.fromEntries(left), revisionId: ctx.ids.uuid() };
}

/** Whom a statement lets in: a service, an account, an identity, or anybody. */
export function principalOf(principal: string): unknown {
  if (principal === "*") return "*";
  if (principal.includes(".") && !principal.startsWith("arn:")) return { Service: principal };
  return { AWS: /^\d{12}$/.test(principal) ? `arn:aws:iam::${principal}:root` : principal };
}

/** A permission as a statement of a policy. */
export function statementOf(input: AddPermissionRequest, resource: string): object {
  const conditions = {
    ...(input.SourceArn !== undefined && { ArnLike: { "AWS:SourceArn": input.SourceArn } }),
    StringEquals: {
      ...(input.SourceAccount !== undefined && { "AWS:SourceAccount": input.SourceAccount }),
      ...(input.PrincipalOrgID !== undefined && { "aws:PrincipalOrgID": input.PrincipalOrgID }),
      ...(input.EventSourceToken !== undefined && { "lambda:EventSourceToken": input.EventSourceToken }),
      ...(input.FunctionUrlAuthType !== undefined && { "lambda:FunctionUrlAuthType": input.FunctionUrlAuthType }),
    },
    ...(input.InvokedViaFunctionUrl !== undefined && {
      Bool: { "lambda:InvokedViaFunctionUrl": String(input.InvokedViaFunctionUrl) },
    }),
  };
  const { StringEquals: equals, ...others } = conditions;
  const all = { ...(Object.keys(equals).length > 0 && { StringEquals: equals }), ...others };
  return {
    Sid: input.StatementId,
    Effect: "Allow",
    Principal: principalOf(input.Principal ?? ""),
    Action: input.Action,
    Resource: resource,
    ...(Object.keys(all).length > 0 && { Condition: all }),
  };
}
