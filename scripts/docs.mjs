import { readFile, writeFile } from "node:fs/promises";
import { prepare } from "./steps/prepare.mjs";
import { root } from "./steps/run.mjs";

// Writes the pages of docs/ that are made from the code; with --check it only tells whether they are as they should be.
await prepare();
/** @param {string} path - in packages/ */
const built = (path) => import(new URL(`../packages/${path}`, import.meta.url).href);
const { coverage, renderCoverage } = await built("cloud/dist/coverage.js");
const { modelIds } = await built("cloud/dist/wire/index.js");
const { workerPermissions } = await built("cdk/dist/index.js");

const pages = {
  "coverage.md": renderCoverage(coverage(modelIds())),
  "worker-permissions.md": permissionsPage(),
};
for (const [name, page] of Object.entries(pages)) {
  const path = `${root}docs/${name}`;
  if (!process.argv.includes("--check")) {
    await writeFile(path, page);
  } else if ((await readFile(path, "utf8").catch(() => "")) !== page) {
    process.stderr.write(`docs/${name} is not of this code. Write it anew with: npm run docs\n`);
    process.exitCode = 1;
  }
}

function permissionsPage() {
  /** @type {readonly { why: string, actions: readonly string[], resources: readonly string[], conditions?: object }[]} */
  const permissions = workerPermissions({ bucketArn: "arn:aws:s3:::BUCKET", fleetRoleArns: ["ROLES OF FLEETS"] });
  const items = permissions.map(({ why, actions, resources, conditions }) => {
    const on = resources.includes("*") ? "anything" : resources.map((one) => `\`${one}\``).join(", ");
    const only = conditions === undefined ? "" : `, if \`${JSON.stringify(conditions)}\``;
    return `- **${why}**: ${actions.map((one) => `\`${one}\``).join(", ")} on ${on}${only}\n`;
  });
  return `# What a worker of rollouts may do

This page is made from \`workerPermissions\` in \`packages/cdk\`, which the construct \`RolloutWorker\` gives its role. What is not here it
does not call.

${items.join("")}`;
}
