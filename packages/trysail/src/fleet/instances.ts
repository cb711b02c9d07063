import type { Instance as Ec2Instance } from "@aws-sdk/client-ec2";
import type { ClientConfig } from "../connection.ts";
import type { Fleet, FleetMember, RunningWorkload, Trouble } from "./workload.ts";

/** The instances of a region, and what its groups failed at last. */
export async function instancesOf(config: ClientConfig, workloads: readonly RunningWorkload[]): Promise<Fleet> {
  const [{ EC2Client, paginateDescribeInstances }, groups] = await Promise.all([
    import("@aws-sdk/client-ec2"),
    troublesOf(config),
  ]);
  const client = new EC2Client(config);
  const found: Ec2Instance[] = [];
  for await (const { Reservations = [] } of paginateDescribeInstances({ client }, {}))
    found.push(...Reservations.flatMap(({ Instances = [] }) => Instances));
  client.destroy();
  return { members: found.map((instance) => memberOf(instance, config.region, workloads)), troubles: groups };
}

function memberOf(instance: Ec2Instance, region: string, workloads: readonly RunningWorkload[]): FleetMember {
  const { InstanceId: id = "", Tags = [], State, StateReason, Placement, PrivateIpAddress: address } = instance;
  const tag = (key: string) => Tags.find(({ Key }) => Key === key)?.Value;
  const workload = workloads.find(({ service, name }) => service === "ec2" && name === id);
  const isRunning = workload?.state === "running";
  return {
    kind: "instance",
    id,
    region,
    zone: Placement?.AvailabilityZone ?? "",
    belongsTo: tag("aws:autoscaling:groupName") ?? tag("Name") ?? "",
    state: State?.Name ?? "",
    ...(StateReason?.Message !== undefined && { reason: StateReason.Message }),
    ...(address !== undefined && { address }),
    pids: isRunning && workload.pid !== undefined ? [workload.pid] : [],
    ...(isRunning && { since: workload.startedAt }),
  };
}

async function troublesOf(config: ClientConfig): Promise<Trouble[]> {
  const { AutoScalingClient, DescribeScalingActivitiesCommand, paginateDescribeAutoScalingGroups } =
    await import("@aws-sdk/client-auto-scaling");
  const client = new AutoScalingClient(config);
  const troubles: Trouble[] = [];
  for await (const { AutoScalingGroups = [] } of paginateDescribeAutoScalingGroups({ client }, {})) {
    for (const { AutoScalingGroupName: of = "" } of AutoScalingGroups) {
      const { Activities: [latest] = [] } = await client.send(
        new DescribeScalingActivitiesCommand({ AutoScalingGroupName: of, MaxRecords: 1 }),
      );
      if (latest?.StatusCode !== "Failed") continue;
      troubles.push({
        region: config.region,
        of,
        at: latest.StartTime?.toISOString() ?? "",
        message: `${latest.Description} ${latest.StatusMessage ?? ""}`.trim(),
      });
    }
  }
  client.destroy();
  return troubles;
}
