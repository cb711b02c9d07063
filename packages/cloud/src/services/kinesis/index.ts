import { defineService } from "../../kernel/service.ts";
import type { Sdk } from "./sdk.ts";

export const kinesis = defineService<Sdk>({
  id: "kinesis",
  scope: "regional",
  tables: {},
  operations: {},
});
