import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { endLeftovers } from "@trysail/cloud";
import { silentLog, systemClock } from "@trysail/core";
import { drive, localPace, startRollout, type Rollout, type StoredRollout } from "@trysail/delivery";
import { rolloutSystem, type RolloutSystem } from "@trysail/delivery/aws";
import { createCloud } from "../../packages/cloud/src/cloud.ts";
import { balancerProgram } from "../../packages/cloud/src/testing/balancer-program.test-kit.ts";

/** The machine's: what is rolled out really runs, and is asked by its users meanwhile. */
export const clock = systemClock();

/** For all that a test waits for. */
export const patienceMs = 120_000;

const home = "us-east-1";
const bucket = "rollouts";
const credentials = { accessKeyId: "test", secretAccessKey: "test" };

export interface RegionConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: typeof credentials;
}

const driven = { clock, log: silentLog, pace: localPace };

/** What rolls out over an endpoint. */
export function systemOver(
  configIn: (region: string) => RegionConfig,
  given: { readonly bucket?: string; readonly worker?: string } = {},
): RolloutSystem {
  return rolloutSystem({ ...driven, home, bucket, configIn, worker: "worker", random: Math.random, ...given });
}

/** Rolls a version out to the end. */
export async function rollOut(
  system: RolloutSystem,
  about: Pick<Rollout, "id" | "spec"> & {
    readonly version: string;
    readonly artifact?: string;
    readonly kind?: Rollout["kind"];
  },
): Promise<StoredRollout> {
  const { id, spec, version, kind = "rollout", artifact = `s3://builds/${version}.zip` } = about;
  await startRollout(system.store, { id, kind, spec, version: { id: version, artifact } }, clock.now());
  await drive({ ...driven, driver: system.driver }, id, AbortSignal.timeout(patienceMs));
  const found = await system.store.read(id);
  if (found === undefined) throw new Error(`${id} is lost`);
  return found.value;
}

/** Where rollouts are kept, at an endpoint. */
export async function makeBucket(configIn: (region: string) => RegionConfig, name = bucket): Promise<void> {
  const s3 = new S3Client({ ...configIn(home), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: name }));
  s3.destroy();
}

/** A Trysail in this process, on a free port, with a folder of its own. */
export async function startRealCloud() {
  const dataFolder = await mkdtemp(join(tmpdir(), "trysail-test-"));
  const cloud = await createCloud({
    dataFolder,
    port: 0,
    clock,
    log: silentLog,
    bootstrap: true,
    measuresUsage: false,
    balancerFile: balancerProgram,
  });
  const configIn = (region: string): RegionConfig => ({ endpoint: cloud.endpoint, region, credentials });
  await makeBucket(configIn);
  return {
    configIn,
    async stop() {
      await cloud.stop();
      await endLeftovers(dataFolder, {});
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

export type RealCloud = Awaited<ReturnType<typeof startRealCloud>>;
