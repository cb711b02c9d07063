import type { Credentials } from "@aws-sdk/client-sts";
import { accessKeyId } from "../../kernel/access-key-id.ts";
import type { Context, Principal } from "../../kernel/context.ts";
import { table } from "../../store/table.ts";
import type { Session } from "./model.ts";

/** By the key's id, for all accounts: the account of a caller is known by the key. */
export const tables = { sessions: table<string, Session>("sessions", "partition") };

/** Issues credentials, and stores them so that the gateway knows them. Call it inside of a transaction. */
export function issue(ctx: Context, principal: Principal, seconds: number): Credentials {
  const session: Session = {
    accessKeyId: accessKeyId("ASIA", ctx.account, ctx.ids.bytes(10)),
    secret: ctx.ids.bytes(30).toString("base64"),
    token: ctx.ids.bytes(264).toString("base64"),
    account: ctx.account,
    principal,
    expiresAt: ctx.now + seconds * 1000,
  };
  ctx.table(tables.sessions).put(session.accessKeyId, session);
  return {
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secret,
    SessionToken: session.token,
    Expiration: new Date(session.expiresAt),
  };
}
