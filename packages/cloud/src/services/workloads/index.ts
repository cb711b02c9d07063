import { defineService } from "../../kernel/service.ts";
import { managementRoute } from "./management-route.ts";

/** What runs on this machine. No service of AWS: it has a route only. */
export const workloads = defineService<object>({
  id: "workloads",
  scope: "global",
  tables: {},
  operations: {},
  routes: [managementRoute],
});
