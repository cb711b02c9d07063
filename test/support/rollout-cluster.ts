import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { DescribeLaunchTemplateVersionsCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  DescribeListenersCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { SSMClient } from "@aws-sdk/client-ssm";
import { regionClients, regionPort, readFleet } from "@trysail/delivery/aws";
import type { Action, Call, Fleet, Observation, RegionPort, ServerGroup } from "@trysail/delivery";
import { afterAll, beforeAll, expect } from "vitest";
import { startTestCloud, type TestCloud } from "../../packages/cloud/src/testing/test-cloud.test-kit.ts";
import { makeFleet } from "./region-fleet.mjs";

/** Answers with its version; one of that name cannot be started. */
const script = `#!/bin/sh
[ "$TRYSAIL_VERSION" = crashes ] && kill -9 $$
exec node -e 'require("http").createServer((_, answer) => answer.end(process.env.TRYSAIL_VERSION)).listen(process.env.PORT)'
`;
export const capacity = { min: 0, desired: 2, max: 4 };
export const size = (desired: number) => ({ min: 0, desired, max: 4 });
export const version = (id: string) => ({
  id,
  artifact: `s3://artifacts/${id}.zip`,
  commit: `${id}c0ffee`,
  committedAt: 1_000,
});

/** A cluster of its own. `port` makes what a worker has; `calls` are those of all ports. */
export interface Cluster {
  readonly name: string;
  readonly url: string;
  readonly fleet: Fleet;
  readonly calls: Call[];
  /** The number of the rollout that goes on. */
  rollout: number;
  port(onCall?: (call: Call) => void, fleet?: Fleet, alarms?: readonly string[]): RegionPort;
}

/** A cloud of a test file's own, and clusters in it. Used while the file is read: it starts before its tests. */
export function clusterKit() {
  let cloud: TestCloud;
  const opened: { close(): void }[] = [];
  beforeAll(async () => {
    cloud = await startTestCloud();
  });
  afterAll(async () => {
    for (const clients of opened) clients.close();
    await cloud.stop();
  });
  const config = (): Parameters<typeof makeFleet>[0] => ({
    region: "us-east-1",
    endpoint: cloud.endpoint,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });

  async function makeCluster(name: string, traffic: "attachment" | "weight"): Promise<Cluster> {
    const url = await makeFleet(config(), { name, script, traffic, capacity });
    const fleet = await readFleet(cloud.client(SSMClient), `/trysail/fleets/${name}`, "us-east-1");
    const calls: Call[] = [];
    const cluster: Cluster = {
      name,
      url,
      fleet,
      calls,
      rollout: 0,
      port(onCall = () => {}, given = fleet, alarms = []) {
        const now = () => cloud.clock.now();
        const clients = regionClients(
          { ...config(), maxAttempts: 1 },
          {
            now,
            onCall: (call) => {
              calls.push(call);
              onCall(call);
            },
          },
        );
        opened.push(clients);
        return regionPort({
          clients,
          cluster: { app: name, stack: undefined, detail: undefined },
          fleet: given,
          rollout: `${name}.${cluster.rollout}`,
          alarms,
          now,
        });
      },
    };
    return cluster;
  }

  /** A group, once it is as it is wanted. */
  const until = (port: RegionPort, group: string, isReached: (group: ServerGroup) => boolean): Promise<ServerGroup> =>
    cloud.eventually(async () => {
      const found = (await seen(port)).groups.find(({ name }) => name === group);
      return found !== undefined && isReached(found) && found;
    });

  /** Lets time pass, which stands still else, until there is an answer: what waits for time is told by no change. */
  async function passing<T>(seconds: number, ask: () => Promise<T | undefined | false>): Promise<T> {
    for (;;) {
      await cloud.clock.advance({ seconds });
      await cloud.idle();
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    }
  }

  const gone = (port: RegionPort, group: string) =>
    passing(10, async () => !(await seen(port)).groups.some(({ name }) => name === group));

  /** What a rollout has made, without what is told by chance. */
  async function inventory({ fleet, name }: Cluster) {
    const autoScaling = cloud.client(AutoScalingClient);
    const ec2 = cloud.client(EC2Client);
    const elb = cloud.client(ElasticLoadBalancingV2Client);
    if (fleet.compute.kind !== "auto-scaling") throw new Error("not of Auto Scaling");
    const { AutoScalingGroups = [] } = await autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ Filters: [{ Name: "tag:trysail:cluster", Values: [name] }] }),
    );
    const { LaunchTemplateVersions = [] } = await ec2.send(
      new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: fleet.compute.launchTemplate.id }),
    );
    const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({}));
    const own = TargetGroups.filter(({ TargetGroupName = "" }) => TargetGroupName.startsWith(`${name}-`));
    const nameOf = (arn = "") => /targetgroup\/([^/]+)/.exec(arn)?.[1] ?? "";
    const delays = await Promise.all(
      own.map(async ({ TargetGroupArn }) => {
        const { Attributes = [] } = await elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn }));
        return Attributes.find(({ Key }) => Key === "deregistration_delay.timeout_seconds")?.Value;
      }),
    );
    const listener = fleet.traffic?.kind === "weight" ? fleet.traffic.listener : undefined;
    const { Listeners: [found] = [] } =
      listener === undefined ? {} : await elb.send(new DescribeListenersCommand({ ListenerArns: [listener] }));
    return {
      groups: AutoScalingGroups.map((group) => ({
        name: group.AutoScalingGroupName,
        size: [group.MinSize, group.DesiredCapacity, group.MaxSize],
        targetGroups: group.TargetGroupARNs?.map(nameOf),
        healthCheck: group.HealthCheckType,
        tags: Object.fromEntries((group.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value])),
      })),
      templateVersions: LaunchTemplateVersions.map(({ VersionDescription }) => VersionDescription).slice(0, -1),
      targetGroups: own.map(({ TargetGroupName = "" }, index) => `${TargetGroupName} ${delays[index]}`),
      weights: Object.fromEntries(
        (found?.DefaultActions?.[0]?.ForwardConfig?.TargetGroups ?? []).map(({ TargetGroupArn, Weight }) => [
          nameOf(TargetGroupArn),
          Weight,
        ]),
      ),
    };
  }

  /** @returns whether a worker was killed after so many calls: else it has ended before */
  async function kill(cluster: Cluster, action: Action, after: number): Promise<boolean> {
    let count = 0;
    const killed = await cluster
      .port(() => {
        if (++count === after) throw new Error("killed");
      })
      .apply(action);
    if (killed.kind === "refused") expect(killed.message).toBe("Error: killed");
    return killed.kind === "refused";
  }

  /**
   * Kills a worker after each call of an action in turn; the next worker then does the whole action.
   *
   * @returns what was there after each
   */
  async function interrupted(
    cluster: Cluster,
    before: readonly Action[],
    action: Action,
    after: readonly Action[],
  ): Promise<unknown[]> {
    const outcomes: unknown[] = [];
    for (let last = 1, isKilled = true; isKilled; last++) {
      cluster.rollout++;
      for (const one of before) expect(await cluster.port().apply(one)).toEqual({ kind: "done" });
      isKilled = await kill(cluster, action, last);
      expect(await cluster.port().apply(action)).toEqual({ kind: "done" });
      await cloud.idle();
      outcomes.push(await inventory(cluster));
      for (const one of after) expect(await cluster.port().apply(one)).toEqual({ kind: "done" });
      await cloud.idle();
    }
    return outcomes;
  }

  return {
    get cloud() {
      return cloud;
    },
    config,
    makeCluster,
    until,
    passing,
    gone,
    inventory,
    kill,
    interrupted,
  };
}

export async function seen(port: RegionPort): Promise<Observation> {
  const observed = await port.observe();
  if (observed.kind === "unreachable") throw new Error(observed.message);
  return observed;
}

export const registered = ({ instances }: ServerGroup) => instances.filter(({ isRegistered }) => isRegistered);
export const healthy = (count: number) => (group: ServerGroup) =>
  registered(group).filter(({ health, lifecycle }) => health === "healthy" && lifecycle === "running").length === count;

/** @returns the versions that answer, of many requests */
export async function answers(url: string): Promise<readonly string[]> {
  const all = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const response = await fetch(url);
      return response.ok ? response.text() : String(response.status);
    }),
  );
  return [...new Set(all)].toSorted();
}

export const create = (group: string, id: string, desired: number, isServing = true): Action => ({
  kind: "create",
  group,
  role: "server",
  version: version(id),
  size: size(desired),
  isServing,
});
export const serve = (group: string, instances: number | "all", weight: number): Action => ({
  kind: "serve",
  group,
  instances,
  weight,
});
