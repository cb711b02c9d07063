// From the command to the first answer, and what an idle Trysail holds.
import { median, residentMegabytes, startTrysail } from "./trysail.mjs";

const runs = 7;

/** @returns rows of the table */
export async function measureStart() {
  const ready = [];
  const idle = [];
  for (let run = 0; run <= runs; run++) {
    const trysail = await startTrysail();
    await fetch(`${trysail.endpoint}/`);
    // Long enough for what start-up sets off, the bootstrap stacks included, to be over.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    if (run > 0) {
      ready.push(trysail.readyMs);
      idle.push(residentMegabytes(trysail.pid));
    }
    await trysail.stop();
  }
  return [
    { what: "command → ready, empty data folder", measured: `${Math.round(median(ready))} ms`, target: "< 500 ms" },
    { what: "idle, resident", measured: `${Math.round(median(idle))} MB`, target: "< 130 MB" },
  ];
}
