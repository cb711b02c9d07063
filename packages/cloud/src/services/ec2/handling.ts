import type { Context } from "../../kernel/context.ts";
import type { Handlers } from "../../kernel/service.ts";
import { errors } from "./errors.ts";
import { ensureDefaultVpc } from "./networking/default-vpc.ts";
import type { Sdk } from "./sdk.ts";
import { tables } from "./store.ts";

type AnyHandler = (ctx: Context, input: { readonly DryRun?: boolean }) => object;

/**
 * Operations that are one transaction each. Before it, the account has its default VPC; after it, a dry run takes back
 * what it has done.
 */
export function inOneTransaction<T extends Handlers<Sdk>>(handlers: T): T {
  const wrapped = Object.entries(handlers as unknown as Readonly<Record<string, AnyHandler>>).map(
    ([name, handler]): [string, AnyHandler] => [
      name,
      (ctx, input) => {
        ensureDefaultVpc(ctx);
        const output = handler(ctx, input);
        endDryRun(input);
        return output;
      },
    ],
  );
  return Object.fromEntries(wrapped) as unknown as T;
}

/** @throws AwsError `DryRunOperation`, which is how AWS says that a request would have succeeded */
export function endDryRun({ DryRun: isDry }: { readonly DryRun?: boolean | undefined }): void {
  if (isDry === true) throw errors.DryRunOperation("Request would have succeeded, but DryRun flag is set.");
}

/**
 * Makes something once for each client token: repeated, the request is answered with what it made before. Only inside of
 * a transaction.
 *
 * @throws AwsError `IdempotentParameterMismatch` if the token came with another request before
 * @see https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
 */
export function once(
  ctx: Context,
  operation: string,
  input: { readonly ClientToken?: string | undefined },
  make: () => string,
): string {
  const { ClientToken: token } = input;
  if (token === undefined || token === "") return make();
  const made = madeBefore(ctx, operation, input);
  if (made !== undefined) return made;
  const id = make();
  ctx.table(tables.clientTokens).put([operation, token], { fingerprint: JSON.stringify(input), made: id });
  return id;
}

/** What an earlier request with the same client token has made. @throws AwsError `IdempotentParameterMismatch` */
export function madeBefore(
  ctx: Context,
  operation: string,
  input: { readonly ClientToken?: string | undefined },
): string | undefined {
  const { ClientToken: token } = input;
  if (token === undefined || token === "") return undefined;
  const before = ctx.table(tables.clientTokens).get([operation, token]);
  if (before !== undefined && before.fingerprint !== JSON.stringify(input))
    throw errors.IdempotentParameterMismatch(
      "The client token you have provided is associated with a resource that is already deleted or was used with different parameters. Please use a different client token.",
    );
  return before?.made;
}
