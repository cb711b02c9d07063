import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors, invalid } from "../errors.ts";
import { functionArn, readFunctionName } from "../names.ts";
import { policyText, statementOf, withStatement, withoutStatement } from "../policies.ts";
import type { Sdk } from "../sdk.ts";
import { checkRevision, findAlias, findFunction, findVersion, isVersion, tables } from "../store.ts";

/** The function, version or alias whose policy is meant. */
function ownerOf(
  ctx: Context,
  input: { readonly FunctionName: string; readonly Qualifier?: string | undefined },
): [string, string] {
  const { name, qualifier } = readFunctionName(ctx, input.FunctionName, input.Qualifier);
  findFunction(ctx, name);
  if (qualifier === "$LATEST")
    throw errors.InvalidParameterValueException("We currently do not support adding policies for $LATEST.", {
      Type: "User",
    });
  if (qualifier !== undefined)
    void (isVersion(qualifier) ? findVersion(ctx, name, qualifier) : findAlias(ctx, name, qualifier));
  return [name, qualifier ?? ""];
}

/** Recorded and returned; who may call a function is not decided by it. @see https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html */
export const addPermission: Handler<Sdk, "addPermission"> = (ctx, input) => {
  const key = ownerOf(ctx, input);
  if (!/^[a-zA-Z0-9-_]{1,100}$/.test(input.StatementId))
    throw invalid(input.StatementId, "statementId", "satisfy regular expression pattern: ([a-zA-Z0-9-_]+)");
  if (!/^(lambda:[*]|lambda:[a-zA-Z]+|[*])$/.test(input.Action))
    throw invalid(input.Action, "action", "satisfy regular expression pattern: (lambda:[*]|lambda:[a-zA-Z]+|[*])");
  const policies = ctx.table(tables.policies);
  const current = policies.get(key);
  if (input.RevisionId !== undefined) checkRevision(input.RevisionId, current?.revisionId ?? "");
  const [name, qualifier] = key;
  const statement = statementOf(input, functionArn(ctx, name, qualifier === "" ? undefined : qualifier));
  policies.put(key, withStatement(ctx, current, input.StatementId, statement));
  return { Statement: JSON.stringify(statement) };
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_RemovePermission.html */
export const removePermission: Handler<Sdk, "removePermission"> = (ctx, input) => {
  const key = ownerOf(ctx, input);
  const policies = ctx.table(tables.policies);
  const current = policies.get(key);
  if (input.RevisionId !== undefined) checkRevision(input.RevisionId, current?.revisionId ?? "");
  const left = withoutStatement(ctx, current, input.StatementId);
  if (left === undefined) policies.delete(key);
  else policies.put(key, left);
  return {};
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html */
export const getPolicy: Handler<Sdk, "getPolicy"> = (ctx, input) => {
  const policy = ctx.table(tables.policies).get(ownerOf(ctx, input));
  if (policy === undefined)
    throw errors.ResourceNotFoundException("The resource you requested does not exist.", { Type: "User" });
  return { Policy: policyText(policy), RevisionId: policy.revisionId };
};
