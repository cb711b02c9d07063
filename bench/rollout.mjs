// What a rollout costs beyond what it waits for: a red/black of two instances in each of three regions.
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { silentLog, systemClock } from "@trysail/core";
import { drive, localPace, parseRollout, startRollout } from "@trysail/delivery";
import { rolloutSystem } from "@trysail/delivery/aws";
import { makeFleet } from "../test/support/region-fleet.mjs";
import { median, startTrysail } from "./trysail.mjs";

const regions = ["us-west-2", "us-east-1", "eu-west-1"];
const rounds = 5;
const script = `#!/bin/sh
exec node -e 'require("http").createServer((request, answer) => answer.end("ok")).listen(process.env.PORT)'
`;

async function measure(endpoint, traffic) {
  const configIn = (region) => ({ endpoint, region, credentials: { accessKeyId: "test", secretAccessKey: "test" } });
  const name = `by${traffic}`;
  const bucket = `rollouts-${name}`;
  const s3 = new S3Client(configIn("us-east-1"));
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  s3.destroy();
  const capacity = { min: 2, desired: 2, max: 4 };
  for (const region of regions) await makeFleet(configIn(region), { name, script, traffic, capacity });
  const clock = systemClock();
  const common = { clock, log: silentLog, pace: localPace };
  const system = rolloutSystem({
    ...common,
    home: "us-east-1",
    bucket,
    configIn,
    worker: "bench",
    random: Math.random,
  });
  const { spec } = parseRollout(`application: ${name}\nwaves: [[${regions.join(", ")}]]\nstrategy: red-black\n`);
  const times = [];
  let calls;
  for (let round = 0; round <= rounds; round++) {
    const id = `${name}.${round}`;
    const version = { id: `version-${round}`, artifact: "s3://builds/build.zip" };
    const startedAt = performance.now();
    await startRollout(system.store, { id, kind: "rollout", spec, version }, clock.now());
    await drive({ ...common, driver: system.driver }, id, AbortSignal.timeout(60_000));
    // The first one has nothing to replace.
    if (round > 0) times.push(performance.now() - startedAt);
    const stored = (await system.store.read(id))?.value;
    if (stored?.rollout.status !== "succeeded") throw new Error(`${id}: ${stored?.rollout.reason}`);
    calls = stored.calls;
  }
  system.close();
  return { ms: median(times), calls };
}

/** @returns rows of the table */
export async function measureRollout() {
  const trysail = await startTrysail();
  try {
    const rows = [];
    for (const traffic of ["attachment", "weight"]) {
      const { ms, calls } = await measure(trysail.endpoint, traffic);
      const what = `red/black of 2 instances in each of 3 regions side by side, by ${traffic}`;
      rows.push(
        {
          what: `${what}: with the application's own start`,
          measured: `${(ms / 1000).toFixed(1)} s`,
          target: "< 2 s beyond it",
        },
        {
          what: `${what}: calls of AWS's API`,
          measured: `${calls.changing} changing, ${calls.reading} reading`,
          target: "",
        },
      );
    }
    return rows;
  } finally {
    await trysail.stop();
  }
}
