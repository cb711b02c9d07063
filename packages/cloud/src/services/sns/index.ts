import { defineService } from "../../kernel/service.ts";
import type { Sdk } from "./sdk.ts";

export const sns = defineService<Sdk>({
  id: "sns",
  scope: "regional",
  tables: {},
  operations: {},
});
