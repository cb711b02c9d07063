import { defineService } from "../../kernel/service.ts";
import type { Sdk } from "./sdk.ts";

export const monitoring = defineService<Sdk>({
  id: "monitoring",
  scope: "regional",
  tables: {},
  operations: {},
});
