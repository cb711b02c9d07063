import type { Dimensions, Measurement } from "../../../kernel/measurement.ts";
import type { Controller } from "../../../kernel/service.ts";
import { instanceTypes } from "../instance-types.ts";
import { tables } from "../store.ts";
import { tagsOf } from "../tags.ts";
import { workloadOf } from "./model.ts";
import type { InstanceRow } from "./model.ts";
import { statusChecks } from "./status-checks.ts";
import type { StatusChecks } from "./status-checks.ts";

const groupTag = "aws:autoscaling:groupName";

/**
 * What an instance uses of its type's CPUs. Its image's and its type's series have detailed monitoring, as on AWS.
 *
 * @param cpus - that its processes have used
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html
 */
export function cpuMeasurement(
  row: Pick<InstanceRow, "id" | "imageId" | "instanceType" | "detailedMonitoring">,
  group: string | undefined,
  { cpus, vcpus }: { readonly cpus: number; readonly vcpus: number },
): Measurement {
  const { id: InstanceId, imageId: ImageId, instanceType: InstanceType, detailedMonitoring } = row;
  const series: Dimensions[] = [
    { InstanceId },
    ...(group === undefined ? [] : [{ AutoScalingGroupName: group }]),
    ...(detailedMonitoring ? [{ ImageId }, { InstanceType }, {}] : []),
  ];
  const values = [Math.min(100, (100 * cpus) / vcpus)];
  return { namespace: "AWS/EC2", name: "CPUUtilization", unit: "Percent", series, values };
}

/**
 * What an instance's status checks say: 1 for one that fails.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html#status-check-metrics
 */
export function checkMeasurements(InstanceId: string, { system, instance }: StatusChecks): readonly Measurement[] {
  const measurement = (name: string, passes: boolean): Measurement => ({
    namespace: "AWS/EC2",
    name,
    unit: "Count",
    series: [{ InstanceId }],
    values: [passes ? 0 : 1],
    // AWS checks each minute, whatever monitoring an instance has.
    resolutionSeconds: 60,
  });
  return [
    measurement("StatusCheckFailed", system && instance),
    measurement("StatusCheckFailed_System", system),
    measurement("StatusCheckFailed_Instance", instance),
  ];
}

/** Measures what instances use and whether they pass their checks, as often as it is looked at. */
export const measuring: Controller = {
  name: "instance-usage",
  watches: [],
  keyOf: () => undefined,
  listens: (host, queue) =>
    host.usage.onSample(({ service, account, region, name }) => {
      if (service === "ec2") queue({ account, region }, name);
    }),
  reconcile(ctx, id) {
    const row = ctx.table(tables.instances).get(id);
    if (row?.state !== "running") return Promise.resolve();
    for (const measurement of checkMeasurements(id, statusChecks(ctx.host.workloads.find(workloadOf(ctx, id)))))
      ctx.measure(measurement);
    const used = ctx.host.usage.of(workloadOf(ctx, id));
    const vcpus = instanceTypes.get(row.instanceType)?.vcpus;
    if (used === undefined || vcpus === undefined) return Promise.resolve();
    const group = tagsOf(ctx, id).find(({ Key }) => Key === groupTag)?.Value;
    ctx.measure(cpuMeasurement(row, group, { cpus: used.cpus, vcpus }));
    return Promise.resolve();
  },
};
