// `npm run bench`: measures what docs/performance.md records, and prints it as tables with the machine.
//   --quick    a bucket of 10,000 keys in place of a million
//   --only X   one part: start, api, delivery, balancer, fleet, lambda, monitoring, planner, rollout
import { cpus, release, totalmem, type } from "node:os";
import { measureApi } from "./api.mjs";
import { measureBalancer } from "./balancer.mjs";
import { measureDelivery } from "./delivery.mjs";
import { measureFleet } from "./fleet.mjs";
import { measureLambda } from "./lambda.mjs";
import { measureMonitoring } from "./monitoring.mjs";
import { measurePlanner } from "./planner.mjs";
import { measureRollout } from "./rollout.mjs";
import { measureStart } from "./start.mjs";

// The SDK tells each process that it will need a newer Node in 2027.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

const flags = process.argv.slice(2);
const only = flags.includes("--only") ? flags[flags.indexOf("--only") + 1] : undefined;
const parts = {
  start: measureStart,
  api: measureApi,
  delivery: measureDelivery,
  balancer: measureBalancer,
  fleet: measureFleet,
  lambda: measureLambda,
  monitoring: measureMonitoring,
  planner: measurePlanner,
  rollout: measureRollout,
};

console.log(
  `${cpus().length} × ${cpus()[0].model}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()}, Node ${process.version}. Medians of one run.`,
);
for (const [name, measure] of Object.entries(parts)) {
  if (only !== undefined && only !== name) continue;
  const rows = await measure({ million: !flags.includes("--quick") });
  const columns = Object.keys(rows[0] ?? {});
  console.log(`\n## ${name}\n\n| ${columns.join(" | ")} |\n| ${columns.map(() => "---").join(" | ")} |`);
  for (const row of rows) console.log(`| ${columns.map((column) => row[column]).join(" | ")} |`);
}
