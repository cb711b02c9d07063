import {
  CreateAutoScalingGroupCommand,
  CreateOrUpdateTagsCommand,
  DeleteAutoScalingGroupCommand,
  DescribeScalingActivitiesCommand,
  paginateDescribeAutoScalingGroups,
  UpdateAutoScalingGroupCommand,
  type AutoScalingGroup,
  type Instance as ScaledInstance,
} from "@aws-sdk/client-auto-scaling";
import { TrysailError, type Millis } from "@trysail/core";
import type { AutoScalingCompute } from "../../fleet/model.ts";
import type { RegionClients } from "../clients.ts";
import { isNamed } from "../failures.ts";
import type { Compute, ComputeGroup, ComputeInstance } from "../model.ts";
import { environmentOf, readTags, tagKeys, tagsOf } from "../tags.ts";
import { createTemplateVersion, deleteTemplateVersion } from "./launch-template.ts";

/** From when on it is asked why a group has fewer instances than it should: launches take a while. */
const askWhyAfterMs = 15_000;

/** Server groups that are groups of EC2 Auto Scaling, each with a launch template version of its own. */
/** @param rollout - its id: groups of the same name in other rollouts are others */
export function autoScalingCompute(
  clients: RegionClients,
  cluster: string,
  fleet: AutoScalingCompute,
  rollout: string,
): Compute {
  const { autoScaling, ec2 } = clients;
  return {
    async observe(now) {
      const groups: AutoScalingGroup[] = [];
      const Filters = [{ Name: `tag:${tagKeys.cluster}`, Values: [cluster] }];
      for await (const page of paginateDescribeAutoScalingGroups({ client: autoScaling }, { Filters }))
        groups.push(...(page.AutoScalingGroups ?? []));
      return Promise.all(groups.map(async (group) => groupOf(group, await whyLacking(clients, group, now))));
    },

    async create({ group, role, version, size }, targetGroups) {
      const template = await createTemplateVersion(
        ec2,
        fleet.launchTemplate,
        group,
        environmentOf(cluster, group, version),
        rollout,
      );
      const tags = { Name: group, ...tagsOf(cluster, role, version) };
      try {
        await autoScaling.send(
          new CreateAutoScalingGroupCommand({
            AutoScalingGroupName: group,
            LaunchTemplate: template,
            MinSize: size.min,
            DesiredCapacity: size.desired,
            MaxSize: size.max,
            VPCZoneIdentifier: fleet.subnets.join(","),
            HealthCheckType: targetGroups.length === 0 ? "EC2" : "ELB",
            HealthCheckGracePeriod: fleet.healthCheckGraceSeconds,
            TargetGroupARNs: [...targetGroups],
            Tags: Object.entries(tags).map(([Key, Value]) => ({
              Key,
              Value,
              PropagateAtLaunch: true,
              ResourceType: "auto-scaling-group",
              ResourceId: group,
            })),
          }),
        );
      } catch (error) {
        // Made already, by this rollout before it was interrupted: it has the name that was stored for it.
        if (!isNamed(error, "AlreadyExists", "AlreadyExistsFault")) throw error;
      }
    },

    async resize({ id }, { min, desired, max }) {
      await autoScaling.send(
        new UpdateAutoScalingGroupCommand({
          AutoScalingGroupName: id,
          MinSize: min,
          DesiredCapacity: desired,
          MaxSize: max,
        }),
      );
    },

    async mark({ id }, isPromoted) {
      const tag = { Key: tagKeys.promoted, Value: String(isPromoted), PropagateAtLaunch: false };
      await autoScaling.send(
        new CreateOrUpdateTagsCommand({ Tags: [{ ...tag, ResourceType: "auto-scaling-group", ResourceId: id }] }),
      );
    },

    async remove({ id, template }: ScaledGroup) {
      try {
        await autoScaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: id, ForceDelete: true }));
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
      // The fleet's own version is not of a rollout's making.
      if (template !== undefined && template.version !== fleet.launchTemplate.version)
        await deleteTemplateVersion(ec2, template);
    },
  };
}

/** Auto Scaling has no error of its own for it. */
const isNotFound = (error: unknown): boolean =>
  isNamed(error, "ValidationError") && error instanceof Error && /not found/i.test(error.message);

interface ScaledGroup extends ComputeGroup {
  readonly template?: { readonly id: string; readonly version: string } | undefined;
}

function groupOf(group: AutoScalingGroup, reason: string | undefined): ScaledGroup {
  const { AutoScalingGroupName: name, CreatedTime: createdAt } = group;
  if (name === undefined || createdAt === undefined)
    throw new TrysailError("answer-without-name", "Auto Scaling tells of a group without its name or its time.");
  const { LaunchTemplateId: id, Version: version } = group.LaunchTemplate ?? {};
  return {
    name,
    id: name,
    ...readTags(Object.fromEntries((group.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value]))),
    createdAt: createdAt.getTime(),
    size: { min: group.MinSize ?? 0, desired: group.DesiredCapacity ?? 0, max: group.MaxSize ?? 0 },
    isDeleting: group.Status !== undefined,
    reason,
    targetGroups: group.TargetGroupARNs ?? [],
    instances: (group.Instances ?? []).map(instanceOf),
    template: id === undefined || version === undefined ? undefined : { id, version },
  };
}

function instanceOf({ InstanceId: id = "", LifecycleState, HealthStatus }: ScaledInstance): ComputeInstance {
  const state: string = LifecycleState ?? "";
  const lifecycle = state.startsWith("Pending") ? "starting" : state === "InService" ? "running" : "ending";
  const isHealthy = HealthStatus?.toLowerCase() === "healthy";
  return {
    id,
    target: id,
    lifecycle,
    isHealthy: isHealthy && lifecycle === "running",
    reason: isHealthy ? undefined : "Auto Scaling finds it unhealthy",
  };
}

/** Why launches fail, in AWS's words. */
async function whyLacking(
  { autoScaling }: RegionClients,
  group: AutoScalingGroup,
  now: Millis,
): Promise<string | undefined> {
  const { AutoScalingGroupName, DesiredCapacity = 0, Instances = [], CreatedTime, Status } = group;
  const isNew = now - (CreatedTime?.getTime() ?? now) < askWhyAfterMs;
  if (Instances.length >= DesiredCapacity || isNew || Status !== undefined) return undefined;
  const { Activities = [] } = await autoScaling.send(
    new DescribeScalingActivitiesCommand({ AutoScalingGroupName, MaxRecords: 5 }),
  );
  return Activities.find(({ StatusCode }) => StatusCode === "Failed")?.StatusMessage;
}
