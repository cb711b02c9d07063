import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  ListServicesCommand,
  ListTaskDefinitionsCommand,
} from "@aws-sdk/client-ecs";
import { DescribeTargetGroupsCommand, ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { SSMClient } from "@aws-sdk/client-ssm";
import type { Action, Fleet } from "@trysail/delivery";
import { readFleet, regionClients, regionPort, type RolloutSystem } from "@trysail/delivery/aws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeEcsFleet } from "./support/ecs-fleet.ts";
import { clock, patienceMs, rollOut, startRealCloud, systemOver, type RealCloud } from "./support/real-cloud.ts";
import { endOf, specOf } from "./support/rollouts.ts";
import { startViewers } from "./support/viewers.ts";

const name = "tasks.web";
const cluster = "tasks-web";

/** Serves its version; one of that name ends before it has served. */
const program = `
  const version = process.env.TRYSAIL_VERSION;
  if (version.startsWith("crash")) setTimeout(() => process.exit(3), 1_500);
  else require("http").createServer((_, answer) => answer.end(version)).listen(8080);
`;

let cloud: RealCloud;
let system: RolloutSystem;
let ecs: ECSClient;
let elb: ElasticLoadBalancingV2Client;
let url: string;
const configIn = (region: string) => cloud.configIn(region);

beforeAll(async () => {
  cloud = await startRealCloud();
  system = systemOver(configIn);
  ecs = new ECSClient(configIn("us-east-1"));
  elb = new ElasticLoadBalancingV2Client(configIn("us-east-1"));
  url = await makeEcsFleet(configIn("us-east-1"), { name, cluster, program, capacity: { min: 1, desired: 2, max: 4 } });
}, patienceMs);

afterAll(async () => {
  system.close();
  ecs.destroy();
  elb.destroy();
  await cloud.stop();
});

const roll = (id: string, artifact: string) => {
  const spec = specOf(
    `application: ${name}\nwaves: [[us-east-1]]\nstrategy: red-black\nguards: { lostInstances: 1 }\n`,
  );
  return rollOut(system, { id, spec, version: id, artifact });
};

const served = async () => (await fetch(url)).text();

/** Server groups, and what they are made of. */
async function inventory() {
  const { serviceArns = [] } = await ecs.send(new ListServicesCommand({ cluster }));
  const { services = [] } =
    serviceArns.length === 0
      ? {}
      : await ecs.send(new DescribeServicesCommand({ cluster, services: serviceArns, include: ["TAGS"] }));
  const groups = await Promise.all(
    services
      .filter(({ status }) => status === "ACTIVE")
      .map(async ({ desiredCount, taskDefinition, loadBalancers = [], tags = [] }) => {
        const { taskDefinition: made } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
        const valueOf = (key: string) => tags.find((tag) => tag.key === `trysail:${key}`)?.value;
        return {
          group: valueOf("server-group"),
          size: [valueOf("min"), desiredCount, valueOf("max")],
          image: made?.containerDefinitions?.[0]?.image,
          isPromoted: valueOf("promoted"),
          targetGroups: loadBalancers.length,
        };
      }),
  );
  const { taskDefinitionArns = [] } = await ecs.send(
    new ListTaskDefinitionsCommand({ familyPrefix: cluster, status: "ACTIVE" }),
  );
  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({}));
  // The fleet's own are not counted.
  return { groups, revisions: taskDefinitionArns.length - 1, targetGroups: TargetGroups.length - 1 };
}

describe("a fleet of ECS", () => {
  const replaced = {
    groups: [
      {
        group: "tasks.web-v000",
        size: ["0", 0, "0"],
        // The artifact is in a bucket: the fleet's own image runs it.
        image: "node:22",
        isPromoted: "false",
        targetGroups: 1,
      },
      { group: "tasks.web-v001", size: ["1", 2, "4"], image: "node:20", isPromoted: "true", targetGroups: 1 },
    ],
    revisions: 2,
    targetGroups: 2,
  };

  it("has its versions replaced by weight, with no failed request", { timeout: patienceMs }, async () => {
    const first = await roll("one", "s3://builds/one.zip");
    expect(endOf(first.rollout)).toBe("succeeded");
    expect(await served()).toBe("one");
    const viewers = startViewers([url]);
    const { rollout, calls } = await roll("two", "node:20");
    expect(endOf(rollout)).toBe("succeeded");
    expect(await served()).toBe("two");
    await viewers.stop();
    expect(viewers.forget().failures).toEqual([]);
    expect(calls.changing).toBeLessThan(20);
    expect(await inventory()).toEqual(replaced);
  });

  it(
    "keeps its version where the tasks of the new one end by themselves, and says why",
    { timeout: patienceMs },
    async () => {
      const viewers = startViewers([url]);
      const crashes = await roll("crashes", "node:22");
      expect(endOf(crashes.rollout)).toMatch(
        /^undone: us-east-1: \d instances of version crashes died or fell ill \(\w{32}: Essential container in task exited; app: exit code 3/,
      );
      await viewers.stop();
      expect(viewers.forget().failures).toEqual([]);
      expect(await served()).toBe("two");
      expect(await inventory()).toEqual(replaced);
    },
  );
});

describe("a server group of ECS", () => {
  let fleet: Fleet;
  let rounds = 0;
  beforeAll(async () => {
    const ssm = new SSMClient(configIn("us-east-1"));
    fleet = await readFleet(ssm, `/trysail/fleets/${name}`, "us-east-1");
    ssm.destroy();
  });

  const size = { min: 0, desired: 0, max: 2 };
  const create = (group: string): Action => ({
    kind: "create",
    group,
    role: "server",
    version: { id: "three", artifact: "node:24" },
    size,
    isServing: true,
  });

  const remove = (group: string): Action => ({ kind: "delete", group });

  /** Does an action, as a new worker that is killed after so many calls. */
  async function apply(action: Action, killedAfter = Infinity) {
    let count = 0;
    const onCall = () => {
      if (++count === killedAfter) throw new Error("killed");
    };
    const clients = regionClients({ ...configIn("us-east-1"), maxAttempts: 1 }, { now: clock.now, onCall });
    const rollout = `${name}.${rounds}`;
    const of = { app: name, stack: undefined, detail: undefined };
    const applied = await regionPort({ clients, cluster: of, fleet, rollout, alarms: [], now: clock.now }).apply(
      action,
    );
    clients.close();
    return applied;
  }

  /**
   * Does an action for groups in turn, each time killed after one call more and then done again, until it has ended before it
   * would have been killed.
   */
  async function interrupted(
    action: (group: string) => Action,
    around: { readonly before?: typeof create; readonly after?: typeof create; check(group: string): Promise<void> },
  ) {
    for (let last = 1; ; last++) {
      const group = `${name}-v${(rounds += 1) + 100}`;
      if (around.before !== undefined) expect(await apply(around.before(group))).toEqual({ kind: "done" });
      const first = await apply(action(group), last);
      expect(await apply(action(group))).toEqual({ kind: "done" });
      await around.check(group);
      if (around.after !== undefined) expect(await apply(around.after(group))).toEqual({ kind: "done" });
      if (first.kind === "done") return last;
    }
  }

  it("is made whole, whichever call its making was interrupted after", { timeout: patienceMs }, async () => {
    const { groups, revisions, targetGroups } = await inventory();
    const rest = { size: ["0", 0, "2"], image: "node:24", isPromoted: undefined, targetGroups: 1 };
    const calls = await interrupted(create, {
      after: remove,
      check: async (group) =>
        expect(await inventory()).toEqual({
          groups: [...groups, { group, ...rest }],
          revisions: revisions + 1,
          targetGroups: targetGroups + 1,
        }),
    });
    expect(calls).toBeGreaterThan(10);
  });

  it("goes whole, whichever call that was interrupted after", { timeout: patienceMs }, async () => {
    const before = await inventory();
    const calls = await interrupted(remove, {
      before: create,
      check: async () => expect(await inventory()).toEqual(before),
    });
    expect(calls).toBeGreaterThan(5);
  });
});
