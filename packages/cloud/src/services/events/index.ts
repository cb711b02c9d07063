import { defineService } from "../../kernel/service.ts";
import type { Sdk } from "./sdk.ts";

export const events = defineService<Sdk>({
  id: "events",
  scope: "regional",
  tables: {},
  operations: {},
});
