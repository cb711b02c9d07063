import type { Route } from "../../kernel/service.ts";
import type { Workload } from "../../runtime/workloads.ts";

const path = "/_trysail/workloads";

/** Services whose workloads are a user's own. */
const shown = ["ec2", "ecs"] as const;

/** A workload as it is told to the CLI. */
function describe({ id, address, startedAt, runsAs, ...rest }: Workload) {
  return {
    ...id,
    address,
    runsAs,
    state: rest.state,
    pid: rest.state === "running" ? rest.pid : undefined,
    startedAt: new Date(startedAt).toISOString(),
  };
}

/** What `trysail ps` calls: `GET /_trysail/workloads` lists what runs, with its process, which AWS's API does not tell. */
export const managementRoute: Route = {
  needsKey: true,
  name: "workloads",
  match: (request) => (request.path === path && request.method === "GET" ? { parameters: {} } : undefined),
  handle(ctx) {
    const workloads = shown.flatMap((service) => ctx.host.workloads.list(service).map(describe));
    const body = Buffer.from(`${JSON.stringify({ workloads })}\n`);
    return Promise.resolve({ status: 200, headers: { "content-type": "application/json" }, body });
  },
};
