import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { S3Client } from "@aws-sdk/client-s3";
import { isOver, jsonBucket, rolloutStore, type Rollout, type RolloutStore } from "@trysail/delivery";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandLine, project, type RunningCommand } from "./support/command-line.ts";
import { startViewers, type Viewers } from "./support/viewers.ts";

/** The CDK CLI alone takes several seconds on a busy machine, and canaries take their time. */
const patienceMs = 300_000;

let folder: string;
let trysail: ReturnType<typeof commandLine>;
let store: RolloutStore;
let s3: S3Client;
let urls: readonly string[];
let pushUrl: string;
/** Beside the one inside of Trysail: two at once do no harm. */
let worker: RunningCommand;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "trysail-streaming-"));
  trysail = commandLine({ home: folder, data: join(folder, "data") });
  const { out, err } = await trysail.up();
  const { endpoint } = JSON.parse(out || err) as { endpoint: string };
  worker = trysail.start(["worker"]);
  await worker.prints("Serving rollouts");
  ({ url: pushUrl } = (await trysail.json("repo", "add", "acme/playback")) as { url: string });
  s3 = new S3Client({ endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } });
  store = rolloutStore(jsonBucket(s3, "trysail-rollouts-000000000000-us-east-1"));

  const example = join(folder, "streaming");
  await cp(join(project, "examples/streaming"), example, { recursive: true });
  await symlink(join(project, "node_modules"), join(folder, "node_modules"));
  // One judgement in half of the example's time; more viewers make up for it.
  const spec = await readFile(join(example, "rollout.yaml"), "utf8");
  await writeFile(
    join(example, "rollout.yaml"),
    spec.replace("lifetime: 60s", "lifetime: 30s").replace("bake: 10s", "bake: 0s"),
  );
  await cp(join(example, "app"), join(folder, "app"), { recursive: true });
  await git("init", "--quiet", "--initial-branch=main");
  const outputs = join(folder, "outputs.json");
  const deployed = await trysail.run(
    "exec",
    "--",
    "sh",
    "-c",
    'cd "$1" && shift && exec "$@"',
    "sh",
    example,
    join(project, "node_modules/.bin/cdk"),
    "deploy",
    "--all",
    "--concurrency=4",
    "--require-approval=never",
    `--output=${join(folder, "cdk.out")}`,
    `--outputs-file=${outputs}`,
  );
  expect(deployed.code, `${deployed.out}${deployed.err}`).toBe(0);
  const told = JSON.parse(await readFile(outputs, "utf8")) as Record<string, { Url: string }>;
  urls = ["us-west-2", "us-east-1", "eu-west-1"].map((region) => told[`Playback-${region}`]!.Url);
}, patienceMs);

afterAll(async () => {
  s3.destroy();
  worker.kill("SIGINT");
  expect((await worker.ended).code).toBe(0);
  await trysail.run("reset", "--yes");
  await rm(folder, { recursive: true, force: true });
}, patienceMs);

async function git(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    "git",
    ["-c", "user.name=A tester", "-c", "user.email=tester@localhost", ...args],
    { cwd: join(folder, "app"), env: { PATH: process.env["PATH"], HOME: folder, GIT_CONFIG_NOSYSTEM: "1" } },
  );
  return stdout.trim();
}

/** @returns the version that the commit becomes */
async function push(message: string): Promise<string> {
  await git("add", ".");
  await git("commit", "--quiet", "--allow-empty", "--message", message);
  await git("push", "--quiet", pushUrl, "HEAD:main");
  return (await git("rev-parse", "HEAD")).slice(0, 7);
}

const cluster = { app: "playback", stack: "prod", detail: undefined };

/** A version's rollout when it is over; undefined before. */
async function ended(version: string): Promise<Rollout | undefined> {
  for (const id of await store.ended(cluster)) {
    const rollout = (await store.read(id))?.value.rollout;
    if (rollout?.version.id === version && isOver(rollout)) return rollout;
  }
  return undefined;
}

describe("a playback service in three regions", () => {
  let viewers: Viewers;
  let good: string;

  it("gets its first version everywhere", { timeout: patienceMs }, async () => {
    good = await push("Begin the service");
    viewers = startViewers(urls, 120);
    const rollout = await viewers.until(() => ended(good));
    expect(rollout).toMatchObject({
      status: "succeeded",
      version: { commit: expect.stringMatching(/^[0-9a-f]{40}$/) },
    });
    // Before it, nobody could be served.
    viewers.forget();
  });

  it.each([
    [
      "errors",
      /^us-west-2: canary: its score 0 is not above 50: errors is higher: [\d.]+ on average, and 0 in the baseline$/,
    ],
    [
      "slow",
      /^us-west-2: canary: its score 0 is not above 50: latency is higher: [\d.]+ on average, and [\d.]+ in the baseline$/,
    ],
    // What dies between two looks is not seen to die: then it is what never gets healthy.
    ["crash", /^us-west-2: (?:\d instances? of version \w{7} died or fell ill \(i-|canary: not done within 1 min)/],
    ["leak", /^us-west-2: \d instances? of version \w{7} died or fell ill \(i-/],
  ])(
    "stops a version with the fault %s in the first region, undoes it, and says why",
    { timeout: patienceMs },
    async (fault, reason) => {
      await cp(join(project, `examples/streaming/faults/${fault}.mjs`), join(folder, "app/src/playback.mjs"));
      const bad = await push(`A version with the fault ${fault}`);
      const rollout = await viewers.until(() => ended(bad));
      expect(rollout.status).toBe("undone");
      expect(rollout.reason).toMatch(reason);
      expect(rollout.regions["us-east-1"]).toEqual({ phase: "pending" });
      const { failures, versions } = viewers.forget();
      // Only the version itself fails: the rollout takes nobody's request.
      expect(failures.filter(({ version }) => version !== bad)).toEqual([]);
      expect([...versions].every((version) => version === good || version === bad)).toBe(true);
    },
  );

  it(
    "takes a good version to all regions by a canary, with no failed request; its report can be read",
    { timeout: patienceMs },
    async () => {
      await cp(join(project, "examples/streaming/app/src/playback.mjs"), join(folder, "app/src/playback.mjs"));
      const next = await push("A good version");
      const rollout = await viewers.until(() => ended(next));
      expect(rollout.reason).toBeUndefined();
      expect(rollout.status).toBe("succeeded");
      await viewers.stop();
      expect(viewers.forget().failures).toEqual([]);
      for (const url of urls) expect(await (await fetch(`${url}/play/storm`)).json()).toMatchObject({ version: next });
      const page = join(folder, "report.html");
      expect((await trysail.run("rollout", "report", rollout.id, "--output", page)).code).toBe(0);
      expect(await readFile(page, "utf8")).toContain("latency");
      const measures = (await trysail.json("rollout", "measures", "playback-prod")) as Record<string, number>;
      expect(measures).toMatchObject({ deployments: 2, changeFailureRate: 4 / 6 });
      expect(measures["leadTimeMs"]).toBeGreaterThan(0);
    },
  );
});
