import { prepare } from "./steps/prepare.mjs";
import { root, run } from "./steps/run.mjs";

await prepare();
process.exitCode = await run(process.execPath, [`${root}packages/trysail/dist/demo/main.js`, ...process.argv.slice(2)]);
