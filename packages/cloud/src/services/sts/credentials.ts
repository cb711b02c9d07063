import type { AccountId } from "@trysail/core";
import type { Context } from "../../kernel/context.ts";
import type { Controller, IssuedCredentials } from "../../kernel/service.ts";
import { keptAfterExpiryMs } from "./model.ts";
import type { Session } from "./model.ts";
import { tables } from "./store.ts";

/** Finds the credentials of a session, also of one that has expired. */
export function credentials(ctx: Context, accessKeyId: string): IssuedCredentials | undefined {
  const session = ctx.table(tables.sessions).get(accessKeyId);
  if (session === undefined) return undefined;
  const { secret, token, expiresAt, principal } = session;
  return { secretAccessKey: secret, sessionToken: token, expiresAt, account: session.account as AccountId, principal };
}

/** Forgets sessions that ended long ago. */
export const forgetting: Controller<Session> = {
  name: "forgetting",
  watches: [tables.sessions],
  keyOf: ({ value }) => value?.accessKeyId,
  async reconcile(ctx, accessKeyId) {
    const sessions = ctx.table(tables.sessions);
    const session = sessions.get(accessKeyId);
    if (session === undefined) return undefined;
    const dueAt = session.expiresAt + keptAfterExpiryMs;
    if (ctx.now < dueAt) return { wakeAt: dueAt };
    ctx.transaction(() => sessions.delete(accessKeyId));
    return undefined;
  },
};
