import type { AccountId } from "@trysail/core";
import type { Context, Principal } from "../../kernel/context.ts";
import type { IssuedCredentials } from "../../kernel/service.ts";
import { identities, tables } from "./store.ts";

/** Finds an access key that CreateAccessKey has made and that is active. */
export function credentials(ctx: Context, accessKeyId: string): IssuedCredentials | undefined {
  const key = ctx.table(tables.accessKeys).get(accessKeyId);
  if (key === undefined || key.status !== "Active") return undefined;
  const account = key.account as AccountId;
  const principal = principalOf(ctx, account, key.user);
  return principal && { secretAccessKey: key.secret, account, principal };
}

function principalOf(ctx: Context, account: AccountId, user: string | undefined): Principal | undefined {
  if (user === undefined) return { type: "root", arn: `arn:aws:iam::${account}:root`, userId: account };
  const found = identities(ctx.as({ account }), "user").get(user);
  return found && { type: "user", arn: found.arn, userId: found.id };
}
