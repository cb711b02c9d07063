// Makes one file of the built cloud and what it depends on, but for native modules: finding and reading hundreds of files
// is most of what a start would take.
import { copyFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

await build({
  absWorkingDir: fileURLToPath(new URL("..", import.meta.url)),
  entryPoints: ["dist/index.js"],
  outfile: "dist/bundle/index.js",
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  // lmdb is native. msgpackr and core are shared with whoever else loads them.
  external: ["lmdb", "msgpackr", "@trysail/core", "dockerode"],
  mainFields: ["module", "main"],
  // Dependencies that are CommonJS ask for Node's own modules with require.
  banner: {
    js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
  },
  legalComments: "linked",
  sourcemap: true,
  logLevel: "warning",
});

// The program of the data plane's workers.
await build({
  absWorkingDir: fileURLToPath(new URL("..", import.meta.url)),
  entryPoints: ["dist/dataplane/worker/main.js"],
  outfile: "dist/bundle/balancer.js",
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  legalComments: "linked",
  sourcemap: true,
  logLevel: "warning",
});

// Programs of their own, which are run as they are and looked for beside what runs them.
for (const file of ["spawner.mjs", "node-preload.cjs"]) {
  await copyFile(
    new URL(`../src/runtime/workloads/${file}`, import.meta.url),
    new URL(`../dist/bundle/${file}`, import.meta.url),
  );
}
