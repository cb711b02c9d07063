import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkTypes, prepare } from "./steps/prepare.mjs";
import { run, tool } from "./steps/run.mjs";
import { countsOf } from "./steps/test-counts.mjs";

await prepare();
await checkTypes();

const folder = await mkdtemp(join(tmpdir(), "trysail-tests-"));
try {
  const report = join(folder, "report.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  process.exitCode = await run(tool("vitest"), ["run", ...reporters, ...process.argv.slice(2)]);
  const { passed, failed, skipped } = countsOf(JSON.parse(await readFile(report, "utf8")));
  process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
