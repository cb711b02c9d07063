import { readFile, writeFile } from "node:fs/promises";
import { prepare } from "./steps/prepare.mjs";
import { root } from "./steps/run.mjs";

// Writes the pages of docs/ that are made from the code; with --check it only tells whether they are as they should be.
await prepare();
const cloud = new URL("../packages/cloud/dist/", import.meta.url);
const { coverage, renderCoverage } = await import(new URL("coverage.js", cloud).href);
const { modelIds } = await import(new URL("wire/index.js", cloud).href);

const path = `${root}docs/coverage.md`;
const page = renderCoverage(coverage(modelIds()));
if (!process.argv.includes("--check")) {
  await writeFile(path, page);
} else if ((await readFile(path, "utf8").catch(() => "")) !== page) {
  process.stderr.write("docs/coverage.md is not of this code. Write it anew with: npm run docs\n");
  process.exitCode = 1;
}
