import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { processStart } from "@trysail/core";
import { EC2Client, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, it } from "vitest";
import { commandLine, project } from "./support/command-line.ts";

/** The CDK CLI alone takes several seconds on a busy machine, and the drains take theirs. */
const patienceMs = 300_000;

/** What the example's service answers. */
interface Answer {
  readonly version: string;
  readonly region: string;
  readonly zone: string;
  readonly instance: string;
}

/** What is told of a fleet with `trysail ps --json`. */
interface Fleet {
  readonly members: readonly {
    readonly kind: "instance" | "task";
    readonly id: string;
    readonly state: string;
    readonly pids: readonly number[];
  }[];
}

let folder: string;
let trysail: ReturnType<typeof commandLine>;
let endpoint: string;
let url: string;
let pushUrl: string;

/** Steady requests over several connections, until it is stopped. */
function load(target: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const failures: string[] = [];
  let answers: Answer[] = [];
  const stopping = new AbortController();
  let tell = () => {};
  const ask = () =>
    new Promise<void>((resolve) => {
      get(target, { agent }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.on("end", () => {
          if (response.statusCode === 200) answers.push(JSON.parse(text) as Answer);
          else failures.push(`${response.statusCode} ${text}`);
          resolve();
        });
      }).on("error", (error) => {
        failures.push(error.message);
        resolve();
      });
    });
  const clients = Array.from({ length: 8 }, async () => {
    while (!stopping.signal.aborted) {
      await ask();
      tell();
    }
  });
  return {
    failures,
    /** Resolves when the answers since the call are so. */
    until: (isSo: (answers: readonly Answer[]) => boolean) =>
      new Promise<void>((resolve) => {
        answers = [];
        tell = () => {
          if (!isSo(answers)) return;
          tell = () => {};
          resolve();
        };
      }),
    async stop() {
      stopping.abort();
      await Promise.all(clients);
      agent.destroy();
    },
  };
}

const instancesIn = (answers: readonly Answer[]) => new Set(answers.map(({ instance }) => instance));

/** The last so many answers: what came before may be of the time before. */
const lately = (answers: readonly Answer[]) => answers.slice(-200);

const fleet = async () => ((await trysail.json("ps")) as Fleet).members;

async function push(message: string): Promise<string> {
  const cwd = join(folder, "app");
  const git = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)(
      "git",
      ["-c", "user.name=A", "-c", "user.email=a@example.com", ...args],
      { cwd, env: { PATH: process.env["PATH"], HOME: folder } },
    );
    return stdout.trim();
  };
  await git("init", "--quiet", "--initial-branch=main");
  await writeFile(join(cwd, "message.txt"), message);
  await git("add", ".");
  await git("commit", "--quiet", "--message", message);
  await git("push", "--quiet", pushUrl, "main");
  return (await git("rev-parse", "HEAD")).slice(0, 7);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "trysail-service-"));
  trysail = commandLine({ home: folder, data: join(folder, "data") });
  const { out, err } = await trysail.up();
  expect(out, err).toContain("endpoint");
  ({ endpoint } = JSON.parse(out) as { endpoint: string });
  ({ url: pushUrl } = (await trysail.json("repo", "add", "acme/service")) as { url: string });
  await cp(join(project, "examples/service/app"), join(folder, "app"), { recursive: true });
  const outputs = join(folder, "outputs.json");
  const cdk = join(project, "node_modules/.bin/cdk");
  const deployed = await trysail.run(
    "exec",
    "--",
    "sh",
    "-c",
    'cd "$1" && shift && exec "$@"',
    "sh",
    join(project, "examples/service"),
    cdk,
    "deploy",
    "--require-approval=never",
    `--output=${join(folder, "cdk.out")}`,
    `--outputs-file=${outputs}`,
  );
  expect(deployed.code, `${deployed.out}${deployed.err}`).toBe(0);
  const told = JSON.parse(await readFile(outputs, "utf8")) as { Service: { Url: string } };
  url = told.Service.Url;
}, patienceMs);

afterAll(async () => {
  await trysail.run("reset", "--yes");
  await rm(folder, { recursive: true, force: true });
}, patienceMs);

it(
  "heals what is terminated and what is killed, and takes a pushed version, with no failed request",
  { timeout: patienceMs },
  async () => {
    const traffic = load(url);
    try {
      await traffic.until((answers) => instancesIn(answers).size === 6);
      const before = (await fleet()).filter(({ state }) => state.toLowerCase() === "running");
      const [instances, tasks] = [
        before.filter(({ kind }) => kind === "instance"),
        before.filter(({ kind }) => kind === "task"),
      ];
      expect([instances.length, tasks.length]).toEqual([3, 3]);

      const ec2 = new EC2Client({
        endpoint,
        region: "us-east-1",
        credentials: { accessKeyId: "test", secretAccessKey: "test" },
      });
      const [terminated, killed] = instances;
      await ec2.send(new TerminateInstancesCommand({ InstanceIds: [terminated?.id ?? ""] }));
      ec2.destroy();
      for (const pid of [killed?.pids[0], tasks[0]?.pids[0]]) process.kill(pid ?? 0, "SIGKILL");
      const gone = new Set([terminated?.id, killed?.id, tasks[0]?.id]);
      await traffic.until((answers) => {
        const serving = instancesIn(lately(answers));
        return answers.length > 200 && serving.size === 6 && ![...serving].some((id) => gone.has(id));
      });

      const commit = await push("A second version");
      await traffic.until(
        (answers) => answers.length > 200 && lately(answers).every(({ version }) => version === commit),
      );
      expect(traffic.failures).toEqual([]);
    } finally {
      await traffic.stop();
    }
  },
);

it("tells version, region, zone and instance", async () => {
  const answer = (await (await fetch(url)).json()) as Answer;
  expect(answer).toMatchObject({ region: "us-east-1", zone: expect.stringMatching(/^us-east-1[abc]$/) as string });
});

it(
  "serves on when Trysail is killed; the next one takes up what runs, and replaces what died meanwhile",
  { timeout: patienceMs },
  async () => {
    const running = async () => (await fleet()).filter(({ state }) => state.toLowerCase() === "running");
    const before = await running();
    const traffic = load(url);
    try {
      const { pid } = (await trysail.json("status")) as { readonly pid: number };
      process.kill(pid, "SIGKILL");
      const died = before.find(({ kind }) => kind === "task");
      process.kill(died?.pids[0] ?? 0, "SIGKILL");
      await traffic.until((answers) => answers.length > 200 && instancesIn(lately(answers)).size === 5);
      expect((await trysail.up()).code).toBe(0);
      await traffic.until((answers) => answers.length > 200 && instancesIn(lately(answers)).size === 6);
      expect(traffic.failures).toEqual([]);
      const pidsOf = (members: Fleet["members"]) => members.flatMap(({ pids }) => pids);
      const kept = pidsOf(before.filter((member) => member !== died));
      expect(pidsOf(await running())).toEqual(expect.arrayContaining(kept));
    } finally {
      await traffic.stop();
    }
  },
);

it(
  "leaves no process behind, neither when it is stopped nor when it is killed and reset",
  { timeout: patienceMs },
  async () => {
    const pidsNow = async () => (await fleet()).flatMap((member) => member.pids);
    const stopped = await pidsNow();
    expect(stopped.length).toBe(6);
    await trysail.run("down");
    await trysail.up();
    // What ran is started again.
    let killed: number[] = [];
    while (killed.length < 6) killed = await pidsNow();
    const { pid } = (await trysail.json("status")) as { readonly pid: number };
    process.kill(pid, "SIGKILL");
    expect((await trysail.run("reset", "--yes")).code).toBe(0);
    // One that has ended may wait for the system to take note of it.
    for (const each of [...stopped, ...killed]) expect([undefined, "ended"]).toContain(processStart(each));
  },
);
