import type { Instance } from "@aws-sdk/client-ec2";
import type { DataPlane, PlaneConfig, TargetHealth } from "../../dataplane/data-plane.ts";
import { errorTable } from "../../kernel/errors.ts";
import { defineService } from "../../kernel/service.ts";
import type { Context } from "../../kernel/context.ts";
import type { Controller } from "../../kernel/service.ts";
import type { Workloads } from "../../runtime/workloads.ts";
import { startTestKernel } from "../../testing/test-kernel.test-kit.ts";
import type { TestKernel } from "../../testing/test-kernel.test-kit.ts";
import { dataPlane } from "./data-plane.ts";
import { health } from "./health.ts";
import { elasticloadbalancing } from "./index.ts";

/** Records what it is told to do, and reports what the test says. */
export interface FakePlane extends DataPlane {
  /** What it was last told; undefined before. */
  config: PlaneConfig | undefined;
  reports: TargetHealth[];
  failures: Readonly<Record<string, string>>;
}

export function fakePlane(): FakePlane {
  return {
    config: undefined,
    reports: [],
    failures: {},
    apply(_, config) {
      this.config = config;
      return Promise.resolve({ failures: this.failures });
    },
    health() {
      return this.reports;
    },
    targetExited() {},
    onChange: () => () => {},
    takeTraffic: () => [],
    onTraffic: () => () => {},
  };
}

/** Addresses only: nothing is started. An instance has one once it is asked for. */
function fakeWorkloads(): Pick<Workloads, "hasOwnAddresses" | "reserveAddress" | "reach" | "remove"> {
  const addresses = new Map<string, string>();
  const addressOf = (name: string) => {
    const address = addresses.get(name) ?? `127.9.0.${addresses.size + 1}`;
    addresses.set(name, address);
    return address;
  };
  return {
    hasOwnAddresses: true,
    reserveAddress: ({ name }) => addressOf(name),
    reach: ({ name }, port) => ({ host: addressOf(name), port }),
    remove({ name }) {
      addresses.delete(name);
      return Promise.resolve();
    },
  };
}

const ec2Errors = errorTable({ "InvalidInstanceID.NotFound": 400, "InvalidSubnetID.NotFound": 400 });
type Ec2Sdk = typeof import("@aws-sdk/client-ec2");

/** As much of EC2 as load balancers ask: one VPC with three subnets, and the instances that the test says. */
function fakeEc2(instances: Map<string, Instance>) {
  return defineService<Ec2Sdk>({
    id: "ec2",
    scope: "regional",
    tables: {},
    operations: {
      describeSubnets: (_, { SubnetIds: ids = [] }) => ({
        Subnets: ids.map((id) => {
          const zone = /^subnet-(?<zone>[abc])$/.exec(id)?.groups?.["zone"];
          if (zone === undefined) throw ec2Errors["InvalidSubnetID.NotFound"](`The subnet ID '${id}' does not exist`);
          return { SubnetId: id, VpcId: "vpc-1", AvailabilityZone: `us-east-1${zone}` };
        }),
      }),
      describeVpcs: (_, { Filters: filters = [] }) => ({
        Vpcs: filters.some(({ Values: values }) => values?.includes("vpc-1")) ? [{ VpcId: "vpc-1" }] : [],
      }),
      describeSecurityGroups: (_, { GroupIds: ids = ["sg-default"] }) => ({
        SecurityGroups: ids.map((GroupId) => ({ GroupId, VpcId: "vpc-1" })),
      }),
      describeInstances: (_, { InstanceIds: ids = [] }) => ({
        Reservations: ids.map((id) => {
          const instance = instances.get(id);
          if (instance === undefined)
            throw ec2Errors["InvalidInstanceID.NotFound"](`The instance ID '${id}' does not exist`);
          return { Instances: [instance] };
        }),
      }),
    },
  });
}

/** Elastic Load Balancing without the rest of the cloud. */
export interface BalancerKit {
  readonly kernel: TestKernel;
  readonly ctx: Context;
  readonly elb: Context["call"]["elasticloadbalancing"];
  readonly plane: FakePlane;
  /** A running instance, or one in another state. */
  addInstance(id: string, state?: "running" | "stopped"): void;
  /** Lets the controllers do what is to be done. */
  settle(): Promise<void>;
  /** Health changes that were told since the last time, as `i-1:80 healthy`. */
  told(): string[];
  /** A load balancer with a listener that forwards to a target group. @returns their ARNs */
  web(name?: string): Promise<{ balancer: string; listener: string; group: string }>;
  healthOf(group: string): Promise<string[]>;
  stop(): Promise<void>;
}

export async function balancerKit(): Promise<BalancerKit> {
  const plane = fakePlane();
  const instances = new Map<string, Instance>();
  const kernel = await startTestKernel([elasticloadbalancing, fakeEc2(instances)], () =>
    Promise.resolve({ dataPlane: plane, workloads: fakeWorkloads() as unknown as Workloads }),
  );
  // A context reads its time once, so that each look is by a new one.
  const context = () => kernel.context(elasticloadbalancing);
  const run = (controller: Controller) => controller.reconcile(context(), "region");
  const { elasticloadbalancing: elb } = context().call;
  const arn = (text: string | undefined) => text ?? "";
  return {
    kernel,
    get ctx() {
      return context();
    },
    elb,
    plane,
    addInstance(id, state = "running") {
      instances.set(id, {
        InstanceId: id,
        VpcId: "vpc-1",
        State: { Name: state },
        Placement: { AvailabilityZone: "us-east-1a" },
      });
    },
    async settle() {
      await run(dataPlane);
      await run(health);
    },
    told: () =>
      kernel.events.splice(0).map(({ detail }) => {
        const { targetId, port, state } = detail as Record<string, string>;
        return `${targetId}:${port} ${state}`;
      }),
    async web(name = "web") {
      const { LoadBalancers: balancers } = await elb.createLoadBalancer({
        Name: name,
        Subnets: ["subnet-a", "subnet-b"],
      });
      const balancer = arn(balancers?.[0]?.LoadBalancerArn);
      const { TargetGroups: groups } = await elb.createTargetGroup({
        Name: name,
        Protocol: "HTTP",
        Port: 80,
        VpcId: "vpc-1",
      });
      const group = arn(groups?.[0]?.TargetGroupArn);
      const { Listeners: listeners } = await elb.createListener({
        LoadBalancerArn: balancer,
        Protocol: "HTTP",
        Port: 80,
        DefaultActions: [{ Type: "forward", TargetGroupArn: group }],
      });
      return { balancer, group, listener: arn(listeners?.[0]?.ListenerArn) };
    },
    async healthOf(group) {
      const { TargetHealthDescriptions: all = [] } = await elb.describeTargetHealth({ TargetGroupArn: group });
      return all.map(({ Target: target, TargetHealth: its }) =>
        [`${target?.Id}:${target?.Port}`, its?.State, its?.Reason].filter((part) => part !== undefined).join(" "),
      );
    },
    stop: () => kernel.stop(),
  };
}
