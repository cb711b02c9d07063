import { defineService } from "../../kernel/service.ts";
import { credentials, forgetting } from "./credentials.ts";
import { assumeRole } from "./operations/assume-role.ts";
import { getAccessKeyInfo, getCallerIdentity, getSessionToken } from "./operations/callers.ts";
import type { Sdk } from "./sdk.ts";
import { tables } from "./store.ts";

export const sts = defineService<Sdk>({
  id: "sts",
  scope: "global",
  tables,
  operations: { assumeRole, getAccessKeyInfo, getCallerIdentity, getSessionToken },
  controllers: [forgetting],
  credentials,
});
