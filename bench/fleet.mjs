// The fleet: how soon a killed instance is replaced, beside process managers that only restart it; and a thousand services.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
} from "@aws-sdk/client-auto-scaling";
import { CreateLaunchTemplateCommand, DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
} from "@aws-sdk/client-ecs";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { median, residentMegabytes, startTrysail } from "./trysail.mjs";

const run = promisify(execFile);
const rounds = 7;
const linuxImage = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
const milliseconds = (ms) => `${Math.round(ms)} ms`;

/** Answers with its process's id. */
const application = `require("node:http").createServer((_, response) => response.end(String(process.pid)))
  .listen(Number(process.env.PORT), process.env.HOST, () => console.log("listening"));`;

/** What a process manager answers with, or undefined while nothing listens. */
function ask(url) {
  return new Promise((resolve) => {
    get(url, { agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => (text += part));
      response.on("end", () => resolve(response.statusCode === 200 ? text : undefined));
    }).on("error", () => resolve(undefined));
  });
}

async function until(look, patienceMs = 60_000) {
  for (const deadline = performance.now() + patienceMs; performance.now() < deadline;) {
    const answer = await look();
    if (answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error("it did not happen in time");
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}

/** How long the application itself takes from its start until it listens. */
async function ownStart(file) {
  const times = [];
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now();
    const child = spawn(process.execPath, [file], { env: { PATH: process.env.PATH, HOST: "127.0.0.1", PORT: "0" } });
    await once(child.stdout, "data");
    times.push(performance.now() - startedAt);
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  return median(times);
}

/** Kills what answers, and waits until something else does. */
async function untilReplaced(url) {
  const killed = await until(() => ask(url));
  process.kill(Number(killed), "SIGKILL");
  const startedAt = performance.now();
  await until(async () => {
    const answer = await ask(url);
    return answer !== undefined && answer !== killed;
  });
  return performance.now() - startedAt;
}

/** pm2, installed into the measurement's own folder. */
async function pm2(file, folder) {
  await run("npm", ["install", "--prefix", folder, "--no-audit", "--no-fund", "--silent", "pm2@7.0.4"]);
  const port = await freePort();
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    PM2_HOME: join(folder, "pm2"),
    HOST: "127.0.0.1",
    PORT: String(port),
  };
  const call = (...args) => run(join(folder, "node_modules/.bin/pm2"), args, { env });
  await call("start", file, "--name", "app");
  try {
    const times = [];
    for (let round = 0; round < rounds; round++) times.push(await untilReplaced(`http://127.0.0.1:${port}/`));
    return median(times);
  } finally {
    await call("kill");
  }
}

function clientsOf({ endpoint }) {
  const config = { endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };
  const clients = {
    ec2: new EC2Client(config),
    groups: new AutoScalingClient(config),
    balancers: new ElasticLoadBalancingV2Client(config),
    ecs: new ECSClient(config),
    ssm: new SSMClient(config),
  };
  return { ...clients, stop: () => Object.values(clients).forEach((client) => client.destroy()) };
}

/** A group of two behind a balancer: from the kill of one until its successor is healthy in the target group. */
async function group(trysail, file) {
  const { ec2, groups, balancers, ssm, stop } = clientsOf(trysail);
  const userData = `#!/bin/sh\nexec ${process.execPath} ${file}\n`;
  try {
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
    const subnets = Subnets.map(({ SubnetId }) => SubnetId);
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: linuxImage }));
    await ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: "bench",
        LaunchTemplateData: {
          ImageId: Parameter.Value,
          InstanceType: "t3.micro",
          UserData: Buffer.from(userData).toString("base64"),
        },
      }),
    );
    const {
      TargetGroups: [{ TargetGroupArn, VpcId: _ }],
    } = await balancers.send(
      new CreateTargetGroupCommand({ Name: "bench", Protocol: "HTTP", Port: 8080, VpcId: Subnets[0].VpcId }),
    );
    const {
      LoadBalancers: [{ LoadBalancerArn, DNSName }],
    } = await balancers.send(new CreateLoadBalancerCommand({ Name: "bench", Subnets: subnets }));
    await balancers.send(
      new CreateListenerCommand({
        LoadBalancerArn,
        Protocol: "HTTP",
        Port: 80,
        DefaultActions: [{ Type: "forward", TargetGroupArn }],
      }),
    );
    await groups.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: "bench",
        LaunchTemplate: { LaunchTemplateName: "bench", Version: "$Latest" },
        MinSize: 2,
        MaxSize: 4,
        VPCZoneIdentifier: subnets.join(","),
        TargetGroupARNs: [TargetGroupArn],
      }),
    );
    const healthy = async () => {
      const { TargetHealthDescriptions } = await balancers.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
      return TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth.State === "healthy").map(
        ({ Target }) => Target.Id,
      );
    };
    const times = [];
    for (let round = 0; round <= rounds; round++) {
      const before = await until(async () => {
        const now = await healthy();
        return now.length === 2 && now;
      });
      const pid = await until(() => ask(`http://${DNSName}/`));
      process.kill(Number(pid), "SIGKILL");
      const startedAt = performance.now();
      await until(async () => {
        const now = await healthy();
        return now.length === 2 && now.some((id) => !before.includes(id));
      });
      if (round > 0) times.push(performance.now() - startedAt);
    }
    await groups.send(new DescribeAutoScalingGroupsCommand({}));
    return median(times);
  } finally {
    stop();
  }
}

/** Does the same for each, so many at a time. */
async function forEach(items, atOnce, work) {
  const waiting = [...items];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
    }),
  );
}

async function thousandServices(trysail) {
  const { ecs, ec2, stop } = clientsOf(trysail);
  const names = Array.from({ length: 1000 }, (_, index) => `tiny-${index}`);
  try {
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
    await ecs.send(new CreateClusterCommand({ clusterName: "bench" }));
    await ecs.send(
      new RegisterTaskDefinitionCommand({
        family: "tiny",
        networkMode: "awsvpc",
        requiresCompatibilities: ["FARGATE"],
        cpu: "256",
        memory: "512",
        containerDefinitions: [{ name: "tiny", image: "busybox", command: ["sleep", "100000"] }],
      }),
    );
    const startedAt = performance.now();
    await forEach(names, 16, (serviceName) =>
      ecs.send(
        new CreateServiceCommand({
          cluster: "bench",
          serviceName,
          taskDefinition: "tiny",
          desiredCount: 1,
          launchType: "FARGATE",
          networkConfiguration: { awsvpcConfiguration: { subnets: [Subnets[0].SubnetId] } },
        }),
      ),
    );
    const createdMs = performance.now() - startedAt;
    const sweep = async (all) => {
      const behind = [];
      for (let from = 0; from < all.length; from += 10) {
        const { services } = await ecs.send(
          new DescribeServicesCommand({ cluster: "bench", services: all.slice(from, from + 10) }),
        );
        for (const { serviceName, runningCount, desiredCount } of services)
          if (runningCount !== desiredCount) behind.push(serviceName);
      }
      return behind;
    };
    // Only those that were not running are asked after again: asking is work for Trysail too.
    let behind = names;
    await until(async () => (behind = await sweep(behind)).length === 0, 120_000);
    const healthyMs = performance.now() - startedAt;
    const sweepStartedAt = performance.now();
    await sweep(names);
    const sweepMs = performance.now() - sweepStartedAt;
    const memory = residentMegabytes(trysail.pid);

    const replaced = [];
    for (let round = 0; round < rounds; round++) {
      const serviceName = names[round * 100];
      const only = async () => {
        const { taskArns } = await ecs.send(new ListTasksCommand({ cluster: "bench", serviceName }));
        if (taskArns.length === 0) return undefined;
        const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster: "bench", tasks: taskArns }));
        return tasks.find(({ lastStatus }) => lastStatus === "RUNNING")?.taskArn;
      };
      const before = await only();
      const pid = await pidOf(trysail, before.split("/").at(-1));
      const killedAt = performance.now();
      process.kill(pid, "SIGKILL");
      await until(async () => {
        const now = await only();
        return now !== undefined && now !== before;
      });
      replaced.push(performance.now() - killedAt);
    }
    return { createdMs, healthyMs, sweepMs, memory, replacedMs: median(replaced) };
  } finally {
    stop();
  }
}

/** The process of a task's only container. */
async function pidOf({ endpoint }, taskId) {
  const { workloads } = await (await fetch(`${endpoint}/_trysail/workloads`)).json();
  return workloads.find(({ service, name }) => service === "ecs" && name.startsWith(`${taskId}/`)).pid;
}

/** @returns rows of the table */
export async function measureFleet() {
  const folder = await mkdtemp(join(tmpdir(), "trysail-bench-fleet-"));
  const file = join(folder, "application.cjs");
  await writeFile(file, application);
  const rows = [];
  try {
    const own = await ownStart(file);
    let trysail = await startTrysail();
    try {
      const replaced = await group(trysail, file);
      rows.push({
        what: "instance killed → replacement registered, healthy, serving; less the application's start",
        measured: `${milliseconds(replaced - own)} (of ${milliseconds(replaced)})`,
        target: "< 150 ms",
      });
    } finally {
      await trysail.stop();
    }
    const restarted = await pm2(file, folder);
    rows.push({
      what: "the same application under pm2: killed → answering again; less its start",
      measured: `${milliseconds(restarted - own)} (of ${milliseconds(restarted)})`,
      target: "beside",
    });
    trysail = await startTrysail();
    try {
      const { createdMs, healthyMs, sweepMs, memory, replacedMs } = await thousandServices(trysail);
      rows.push(
        {
          what: "1,000 ECS services of one task: first call → all running",
          measured: `${(healthyMs / 1000).toFixed(1)} s (of which the calls ${(createdMs / 1000).toFixed(1)} s)`,
          target: "< 20 s",
        },
        { what: "control plane with them, resident", measured: `${Math.round(memory)} MB`, target: "< 300 MB" },
        { what: "status of all of them, by the SDK", measured: milliseconds(sweepMs), target: "< 1 s" },
        { what: "one task killed → its successor running", measured: milliseconds(replacedMs), target: "< 1 s" },
      );
    } finally {
      await trysail.stop();
    }
    return rows;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
