import { defineService } from "../../kernel/service.ts";
import { announcing } from "./announcing.ts";
import { gitRoute } from "./git-route.ts";
import { managementRoute } from "./management-route.ts";
import { tables } from "./store.ts";

/** Repositories of GitHub and other hosts. No service of AWS: it has routes only. */
export const repositories = defineService<object>({
  id: "repositories",
  scope: "global",
  tables,
  operations: {},
  controllers: [announcing],
  routes: [gitRoute, managementRoute],
});
