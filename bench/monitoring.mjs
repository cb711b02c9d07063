// Metrics, alarms and streams through the official SDK clients; and what counting costs a load balancer.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import http2 from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  PutRecordsCommand,
} from "@aws-sdk/client-kinesis";
import { build } from "esbuild";
import { measured, startBalancer, startTarget, warmUpSeconds } from "./balancer.mjs";
import { cpuSeconds, median, root, startTrysail } from "./trysail.mjs";

const rounds = 5;
const dayMs = 86_400_000;

const options = (endpoint) => ({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
  maxAttempts: 1,
});
const thousands = (number) => Math.round(number).toLocaleString("en");
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Points a second, with calls of a thousand points of as many series, four calls at once. */
async function puts(cloudwatch, pid) {
  const points = 1000;
  const put = (call) =>
    cloudwatch.send(
      new PutMetricDataCommand({
        Namespace: "Bench",
        MetricData: Array.from({ length: points }, (_, index) => ({
          MetricName: "Load",
          Dimensions: [{ Name: "Host", Value: `host-${index}` }],
          Value: call + index,
          StorageResolution: 1,
        })),
      }),
    );
  const perSecond = [];
  const perCpuSecond = [];
  for (let round = 0; round <= rounds; round++) {
    const calls = 100;
    const cpu = cpuSeconds(pid);
    const startedAt = performance.now();
    let next = 0;
    const work = async () => {
      while (next < calls) await put(next++);
    };
    await Promise.all([work(), work(), work(), work()]);
    // The first round warms up.
    if (round === 0) continue;
    perSecond.push((calls * points * 1000) / (performance.now() - startedAt));
    perCpuSecond.push((calls * points) / (cpuSeconds(pid) - cpu));
  }
  return [
    { what: "PutMetricData, points a second", measured: thousands(median(perSecond)), aim: "50,000" },
    { what: "the same, for a second of Trysail's CPU", measured: thousands(median(perCpuSecond)), aim: "" },
  ];
}

/** A day of a point each second, asked for minute by minute. */
async function day(cloudwatch) {
  const end = Math.floor(Date.now() / 60_000) * 60_000;
  const points = dayMs / 1000;
  const atOnce = 1000;
  for (let at = 0; at < points; at += atOnce)
    await cloudwatch.send(
      new PutMetricDataCommand({
        Namespace: "Bench",
        MetricData: Array.from({ length: Math.min(atOnce, points - at) }, (_, index) => ({
          MetricName: "Day",
          Timestamp: new Date(end - dayMs + (at + index) * 1000),
          Value: Math.sin(at + index) * 100,
          StorageResolution: 1,
        })),
      }),
    );
  const ask = async (Stat) => {
    const Metric = { Namespace: "Bench", MetricName: "Day" };
    const { MetricDataResults } = await cloudwatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(end - dayMs),
        EndTime: new Date(end),
        MetricDataQueries: [{ Id: "m", MetricStat: { Metric, Period: 60, Stat } }],
      }),
    );
    if (MetricDataResults[0].Values.length !== 1440) throw new Error("a minute of the day is missing");
  };
  const rows = [];
  for (const Stat of ["Average", "p99"]) {
    const took = [];
    for (let round = 0; round < 4 * rounds; round++) {
      const startedAt = performance.now();
      await ask(Stat);
      if (round >= rounds) took.push(performance.now() - startedAt);
    }
    rows.push({ what: `GetMetricData, ${Stat} of a day`, measured: `${median(took).toFixed(1)} ms`, aim: "50 ms" });
  }
  return rows;
}

/** What Trysail answers to a call, for a bare HTTP/2 server to say. */
async function bareAnswer(endpoint, run) {
  let answer;
  const forward = async (stream, headers) => {
    const session = http2.connect(endpoint);
    // The signature covers the host, so the client's own is handed on; Trysail takes any loopback host.
    const asked = session.request({ ...headers, ":scheme": "http" });
    stream.pipe(asked);
    const [{ ":status": status, ...own }] = await once(asked, "response");
    const chunks = [];
    for await (const chunk of asked) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    answer = { status, headers: own, body: body.toString("base64") };
    stream.respond({ ":status": status, ...own });
    stream.end(body);
    session.close();
  };
  const server = http2.createServer();
  server.on("stream", (stream, headers) => void forward(stream, headers));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = new KinesisClient(options(`http://127.0.0.1:${server.address().port}`));
  await run(client, 0);
  client.destroy();
  server.close();
  return answer;
}

/** A hundred records of 100 bytes, of one key, beside a server that says the same at once. */
async function records(endpoint, data) {
  const StreamName = "bench";
  const own = new KinesisClient(options(endpoint));
  // As many shards as it takes, so that no limit of a shard is met.
  await own.send(new CreateStreamCommand({ StreamName, ShardCount: 1000 }));
  for (;;) {
    const { StreamDescriptionSummary: told } = await own.send(new DescribeStreamSummaryCommand({ StreamName }));
    if (told.StreamStatus === "ACTIVE") break;
    await pause(50);
  }
  const Data = Buffer.alloc(100, "x");
  const put = async (client, call) => {
    const PartitionKey = `key-${call}`;
    const { FailedRecordCount } = await client.send(
      new PutRecordsCommand({ StreamName, Records: Array.from({ length: 100 }, () => ({ Data, PartitionKey })) }),
    );
    if (FailedRecordCount !== 0) throw new Error(`${FailedRecordCount} records were refused`);
  };
  const file = join(data, "answer.json");
  await writeFile(file, JSON.stringify(await bareAnswer(endpoint, put)));
  const bare = fork(fileURLToPath(new URL("bare-http2-server.mjs", import.meta.url)), [file]);
  const [{ port }] = await once(bare, "message");
  const other = new KinesisClient(options(`http://127.0.0.1:${port}`));
  const rate = async (client, atOnce) => {
    const calls = 500;
    const startedAt = performance.now();
    let next = 0;
    const work = async () => {
      while (next < calls) await put(client, next++);
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return (calls * 1000) / (performance.now() - startedAt);
  };
  const rows = [];
  for (const atOnce of [1, 32]) {
    const pairs = [];
    for (let round = 0; round <= rounds; round++) {
      const pair = { ours: await rate(own, atOnce), theirs: await rate(other, atOnce) };
      // The first round warms both up.
      if (round > 0) pairs.push(pair);
      // What a shard takes in a second is counted anew.
      await pause(1000);
    }
    const ratio = median(pairs.map(({ ours, theirs }) => theirs / ours));
    rows.push({
      what: `Kinesis PutRecords of 100, ${atOnce} at once: calls a second (a bare HTTP/2 server's)`,
      measured: `${thousands(median(pairs.map(({ ours }) => ours)))} (${thousands(median(pairs.map(({ theirs }) => theirs)))}): ${ratio.toFixed(2)} times as long`,
      aim: "3 times",
    });
  }
  own.destroy();
  other.destroy();
  bare.kill();
  return rows;
}

/** From a request that fails to the alarm that rings for it. */
async function alarm(endpoint, cloudwatch) {
  const ec2 = new EC2Client(options(endpoint));
  const elb = new ElasticLoadBalancingV2Client(options(endpoint));
  const target = createServer((request, response) => {
    response.statusCode = request.url === "/fail" ? 500 : 200;
    response.end();
  }).listen(0, "127.0.0.1");
  await once(target, "listening");
  const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
  const {
    LoadBalancers: [balancer],
  } = await elb.send(
    new CreateLoadBalancerCommand({ Name: "bench", Subnets: Subnets.slice(0, 2).map(({ SubnetId }) => SubnetId) }),
  );
  const {
    TargetGroups: [{ TargetGroupArn }],
  } = await elb.send(
    new CreateTargetGroupCommand({
      Name: "bench",
      Protocol: "HTTP",
      Port: 80,
      VpcId: Subnets[0].VpcId,
      TargetType: "ip",
      HealthCheckIntervalSeconds: 5,
    }),
  );
  await elb.send(
    new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: "127.0.0.1", Port: target.address().port }] }),
  );
  await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: balancer.LoadBalancerArn,
      Protocol: "HTTP",
      Port: 80,
      DefaultActions: [{ Type: "forward", TargetGroupArn }],
    }),
  );
  for (;;) {
    const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    if (TargetHealthDescriptions[0]?.TargetHealth.State === "healthy") break;
    await pause(50);
  }
  const AlarmName = "bench";
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName,
      Namespace: "AWS/ApplicationELB",
      MetricName: "HTTPCode_Target_5XX_Count",
      Dimensions: [{ Name: "LoadBalancer", Value: balancer.LoadBalancerArn.split(":loadbalancer/")[1] }],
      Statistic: "Sum",
      Period: 1,
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: "GreaterThanThreshold",
      TreatMissingData: "notBreaching",
    }),
  );
  const until = async (state) => {
    for (;;) {
      const { MetricAlarms } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [AlarmName] }));
      if (MetricAlarms[0].StateValue === state) return;
      await pause(5);
    }
  };
  const took = [];
  for (let round = 0; round < 20; round++) {
    await until("OK");
    // At any point of the second.
    await pause(Math.random() * 1000);
    const startedAt = performance.now();
    await fetch(`http://${balancer.DNSName}/fail`);
    await until("ALARM");
    took.push(performance.now() - startedAt);
  }
  target.closeAllConnections();
  target.close();
  for (const client of [ec2, elb]) client.destroy();
  const [middle, most] = [median(took), Math.max(...took)].map((ms) => `${Math.round(ms)} ms`);
  return [
    { what: "from a failing request to the alarm's state", measured: `${middle}, at most ${most}`, aim: "1.5 s" },
  ];
}

/** The worker's program, with counters that count nothing. */
async function withoutCounters(folder) {
  const outfile = join(folder, "balancer.mjs");
  const silent = `
    const nothing = () => {};
    const one = { answered: nothing, latencies: { add: nothing }, requests: 0, connectionErrors: 0, redirects: 0,
      fixedResponses: 0, newConnections: 0, activeConnections: 0, bytes: 0 };
    export class Counters { balancer() { return one; } group() { return one; } take() {} keepOnly() {} }`;
  await build({
    absWorkingDir: join(root, "packages/cloud"),
    entryPoints: ["dist/dataplane/worker/main.js"],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "warning",
    plugins: [
      {
        name: "silent-counters",
        setup: (own) => own.onLoad({ filter: /traffic[/\\]counters\.js$/ }, () => ({ contents: silent, loader: "js" })),
      },
    ],
  });
  return outfile;
}

/** Two workers, which differ in their counters alone, in turn on one core. */
async function cost() {
  const folder = await mkdtemp(join(tmpdir(), "trysail-bench-counters-"));
  const started = [];
  try {
    const behind = await startTarget(folder);
    started.push(behind.child);
    const targets = [{ host: "127.0.0.1", port: behind.port }];
    const counting = await startBalancer(join(folder, "counting"), targets);
    started.push(counting.child);
    const silent = await startBalancer(join(folder, "silent"), targets, await withoutCounters(folder));
    started.push(silent.child);
    for (const { port } of [counting, silent]) await measured(`http://127.0.0.1:${port}/`, undefined, warmUpSeconds);
    const pairs = [];
    for (let round = 0; round < 3 * rounds; round++) {
      const order = round % 2 === 0 ? [counting, silent] : [silent, counting];
      const seen = new Map();
      for (const one of order) seen.set(one, await measured(`http://127.0.0.1:${one.port}/`, one.pid, 2));
      pairs.push({ counting: seen.get(counting), silent: seen.get(silent) });
    }
    const of = (who, key) => median(pairs.map((pair) => pair[who][key]));
    const lost = median(pairs.map((pair) => 1 - pair.counting.perSecond / pair.silent.perSecond));
    const cpu = median(pairs.map((pair) => pair.counting.cpu / pair.silent.cpu - 1));
    return [
      {
        what: "a load balancer that counts, requests a second (one that does not)",
        measured: `${thousands(of("counting", "perSecond"))} (${thousands(of("silent", "perSecond"))}): ${(lost * 100).toFixed(1)} % less, ${(cpu * 100).toFixed(1)} % more CPU`,
        aim: "5 % less",
      },
    ];
  } finally {
    for (const child of started) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns rows of the table */
export async function measureMonitoring() {
  const trysail = await startTrysail();
  const cloudwatch = new CloudWatchClient(options(trysail.endpoint));
  const rows = [
    ...(await puts(cloudwatch, trysail.pid)),
    ...(await day(cloudwatch)),
    ...(await records(trysail.endpoint, trysail.data)),
    ...(await alarm(trysail.endpoint, cloudwatch)),
  ];
  cloudwatch.destroy();
  await trysail.stop();
  return [...rows, ...(await cost())];
}
