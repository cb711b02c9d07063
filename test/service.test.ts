import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { processStart } from "@trysail/core";
import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient, ListShardsCommand } from "@aws-sdk/client-kinesis";
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
let pushPath: string;
let streamName: string;
let alarmName: string;
const credentials = { accessKeyId: "test", secretAccessKey: "test" };

/** What the example's group is not scaled out for, in requests a second; half of them go to its three instances. */
const calm = 100;
/** How often a second requests are sent. */
const ticks = 50;

/** Steady requests over several connections, until it is stopped. */
function load(target: string, perSecond = calm) {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const failures: string[] = [];
  let answers: Answer[] = [];
  const open = new Set<Promise<void>>();
  let tell = () => {};
  const ask = () =>
    new Promise<void>((resolve) => {
      const failed = (reason: string) => {
        failures.push(reason);
        resolve();
      };
      get(target, { agent }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => (text += part));
        response.on("end", () => {
          if (response.statusCode !== 200) return failed(`${response.statusCode} ${text}`);
          answers.push(JSON.parse(text) as Answer);
          return resolve();
        });
      }).on("error", (error) => failed(error.message));
    });
  let owed = 0;
  const ticking = setInterval(() => {
    for (owed += perSecond / ticks; owed >= 1; owed--) {
      const one = ask().then(() => {
        open.delete(one);
        tell();
      });
      open.add(one);
    }
  }, 1000 / ticks);
  return {
    failures,
    /** From now on so many requests a second. */
    pace: (rate: number) => (perSecond = rate),
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
      clearInterval(ticking);
      await Promise.all(open);
      agent.destroy();
    },
  };
}

const instancesIn = (answers: readonly Answer[]) => new Set(answers.map(({ instance }) => instance));

/** The last so many answers: what came before may be of the time before. */
const lately = (answers: readonly Answer[]) => answers.slice(-200);

/** Each time at another port. */
async function up(): Promise<void> {
  const { out, err } = await trysail.up();
  expect(out, err).toContain("endpoint");
  ({ endpoint } = JSON.parse(out) as { endpoint: string });
}

const fleet = async () => ((await trysail.json("ps")) as Fleet).members;

/** Pushes a new version of the service, its source changed. */
async function push(message: string, change = (source: string) => source): Promise<string> {
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
  const server = join(cwd, "src/server.mjs");
  await writeFile(server, `${change(await readFile(server, "utf8"))}// ${message}\n`);
  await git("add", ".");
  await git("commit", "--quiet", "--message", message);
  await git("push", "--quiet", "--force", new URL(pushPath, endpoint).href, "main");
  return (await git("rev-parse", "HEAD")).slice(0, 7);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "trysail-service-"));
  trysail = commandLine({ home: folder, data: join(folder, "data") });
  await up();
  const { url: pushUrl } = (await trysail.json("repo", "add", "acme/service")) as { url: string };
  pushPath = new URL(pushUrl).pathname;
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
  const told = JSON.parse(await readFile(outputs, "utf8")) as {
    Service: { Url: string; StreamName: string; AlarmName: string };
  };
  ({ Url: url, StreamName: streamName, AlarmName: alarmName } = told.Service);
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
        credentials,
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

/** An event as EventBridge puts it into the stream. */
interface Happening {
  readonly "detail-type": string;
  readonly time: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Reads the example's stream of events from its begin, until they are so. */
async function happenings(isSo: (events: readonly Happening[]) => boolean): Promise<readonly Happening[]> {
  const kinesis = new KinesisClient({ endpoint, region: "us-east-1", credentials });
  const { Shards: [shard] = [] } = await kinesis.send(new ListShardsCommand({ StreamName: streamName }));
  const asked = { StreamName: streamName, ShardId: shard?.ShardId, ShardIteratorType: "TRIM_HORIZON" as const };
  let { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(asked));
  const events: Happening[] = [];
  while (!isSo(events)) {
    const { Records = [], NextShardIterator } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
    for (const { Data } of Records) events.push(JSON.parse(Buffer.from(Data ?? []).toString()) as Happening);
    ShardIterator = NextShardIterator;
  }
  kinesis.destroy();
  return events;
}

/** What the stream tells of a delivery, a scale-out and a failing version. */
const steps = [
  "CodePipeline Pipeline Execution State Change",
  "CodePipeline Stage Execution State Change",
  "CodePipeline Action Execution State Change",
  "CodeBuild Build State Change",
  "CodeBuild Build Phase Change",
  "EC2 Instance State-change Notification",
  "EC2 Instance Launch Successful",
  "EC2 Instance Terminate Successful",
  "EC2 Auto Scaling Instance Refresh Started",
  "ECS Task State Change",
  "ECS Deployment State Change",
  "CloudWatch Alarm State Change",
];

const typesOf = (events: readonly Happening[]) => new Set(events.map((event) => event["detail-type"]));

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
      await up();
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
  "has more instances while the load is tenfold, and as many as before when it has fallen, with no failed request",
  { timeout: patienceMs },
  async () => {
    const running = async (count: number) => {
      const isInstance = ({ kind, state }: Fleet["members"][number]) =>
        kind === "instance" && state.toLowerCase() === "running";
      while ((await fleet()).filter(isInstance).length !== count);
    };
    const traffic = load(url);
    try {
      await running(3);
      traffic.pace(10 * calm);
      await traffic.until((answers) => instancesIn(answers).size === 9);
      traffic.pace(calm);
      await running(3);
      expect(traffic.failures).toEqual([]);
    } finally {
      await traffic.stop();
    }
  },
);

it("alarms on a version that fails, and tells each step in its stream of events", { timeout: patienceMs }, async () => {
  const traffic = load(url);
  try {
    await push("A version that fails", (source) =>
      source.replace("else response.", "else response.writeHead(500).end();\n  if (false) response."),
    );
    const events = await happenings((so) =>
      so.some(
        ({ detail }) =>
          detail["alarmName"] === alarmName && (detail["state"] as { value?: string } | undefined)?.value === "ALARM",
      ),
    );
    const told = typesOf(events);
    for (const type of steps) expect(told).toContain(type);
  } finally {
    await traffic.stop();
  }
});

it(
  "leaves no process behind, neither when it is stopped nor when it is killed and reset",
  { timeout: patienceMs },
  async () => {
    const pidsNow = async () => (await fleet()).flatMap((member) => member.pids);
    const stopped = await pidsNow();
    expect(stopped.length).toBe(6);
    await trysail.run("down");
    await up();
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
