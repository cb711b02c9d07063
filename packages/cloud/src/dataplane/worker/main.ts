import { runWorker } from "./run-worker.ts";

// The process of a region's balancers. Its argument is the folder that it shares with Trysail.
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("the folder is missing");
const worker = await runWorker(folder);
process.on("SIGTERM", () => {
  worker.stop();
  process.exit(0);
});
