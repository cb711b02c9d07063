import {
  CreateAutoScalingGroupCommand,
  CreateOrUpdateTagsCommand,
  DeleteAutoScalingGroupCommand,
  DescribeScalingActivitiesCommand,
  paginateDescribeAutoScalingGroups,
  UpdateAutoScalingGroupCommand,
  type AutoScalingGroup,
  type DescribeAutoScalingGroupsCommandInput,
  type Instance as ScaledInstance,
} from "@aws-sdk/client-auto-scaling";
import { TrysailError, type Millis } from "@trysail/core";
import type { AutoScalingCompute } from "../../fleet/model.ts";
import type { RegionClients } from "../clients.ts";
import { isNamed } from "../failures.ts";
import type { Compute, ComputeGroup, ComputeInstance } from "../model.ts";
import { environmentOf, readTags, tagKeys, tagsOf } from "../tags.ts";
import { whyFewer } from "./activities.ts";
import { createTemplateVersion, deleteTemplateVersion } from "./launch-template.ts";
import { detachTargetGroups } from "./target-groups.ts";

/** In an answer, which is AWS's limit: fewer would be more calls. */
const mostGroups = 100;
/** From when on it is asked why a group has fewer instances than it should: launches take a while. */
const askWhyAfterMs = 15_000;

export interface AutoScalingDeps {
  readonly clients: RegionClients;
  /** The cluster's name. */
  readonly cluster: string;
  readonly fleet: AutoScalingCompute;
  /** Its id: a group of the same name in another rollout is another. */
  readonly rollout: string;
  /** Whether what the balancer finds unhealthy is replaced. */
  readonly isBalanced: boolean;
}

/** Server groups that are groups of EC2 Auto Scaling, each with a launch template version of its own. */
export function autoScalingCompute({ clients, cluster, fleet, rollout, isBalanced }: AutoScalingDeps): Compute {
  const { autoScaling, ec2 } = clients;

  async function find(input: DescribeAutoScalingGroupsCommandInput): Promise<readonly AutoScalingGroup[]> {
    const groups: AutoScalingGroup[] = [];
    for await (const page of paginateDescribeAutoScalingGroups({ client: autoScaling, pageSize: mostGroups }, input))
      groups.push(...(page.AutoScalingGroups ?? []));
    return groups;
  }

  /** What has a name that is wanted is what was wanted, made before an interruption; or it is in the way. */
  async function recognize(name: string): Promise<void> {
    const [group] = await find({ AutoScalingGroupNames: [name] });
    if (group?.Status !== undefined)
      throw new TrysailError("still-deleting", `An earlier ${name} is still being deleted.`);
    if (group !== undefined && tagsIn(group)[tagKeys.cluster] !== cluster)
      throw new TrysailError("name-taken", `There is an Auto Scaling group ${name} that is not of this cluster.`, {
        fault: "user",
        next: `Delete it, or give it the tag ${tagKeys.cluster} with the value ${cluster}.`,
      });
  }

  return {
    async observe(now) {
      // One call for all, canaries too. A group that no rollout made must have the tag to be seen.
      const groups = await find({ Filters: [{ Name: `tag:${tagKeys.cluster}`, Values: [cluster] }] });
      return Promise.all(groups.map(async (group) => groupOf(group, await whyLacking(clients, group, now))));
    },

    async create({ group, role, version, size }, targetGroups) {
      const own = tagsOf(cluster, role, version);
      const template = await createTemplateVersion(
        ec2,
        fleet.launchTemplate,
        group,
        environmentOf(cluster, group, version),
        rollout,
      );
      const tag = (Key: string, Value: string, PropagateAtLaunch: boolean) => ({
        Key,
        Value,
        PropagateAtLaunch,
        ResourceType: "auto-scaling-group",
        ResourceId: group,
      });
      try {
        await autoScaling.send(
          new CreateAutoScalingGroupCommand({
            AutoScalingGroupName: group,
            LaunchTemplate: template,
            MinSize: size.min,
            DesiredCapacity: size.desired,
            MaxSize: size.max,
            VPCZoneIdentifier: fleet.subnets.join(","),
            HealthCheckType: isBalanced ? "ELB" : "EC2",
            HealthCheckGracePeriod: fleet.healthCheckGraceSeconds,
            TargetGroupARNs: [...targetGroups],
            Tags: [
              tag("Name", group, true),
              ...Object.entries({ ...own, [tagKeys.templateVersion]: template.Version }).map(([key, value]) =>
                tag(key, value, false),
              ),
            ],
          }),
        );
      } catch (error) {
        if (!isNamed(error, "AlreadyExists", "AlreadyExistsFault")) throw error;
        await recognize(group);
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

    detach: ({ id, targetGroups }) => detachTargetGroups(autoScaling, id, targetGroups),

    async remove({ id, isDeleting, template }: ScaledGroup) {
      if (template !== undefined) await deleteTemplateVersion(ec2, template);
      if (isDeleting) return;
      try {
        await autoScaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: id, ForceDelete: true }));
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    },
  };
}

/** Auto Scaling has no error of its own for it. */
const isNotFound = (error: unknown): boolean =>
  isNamed(error, "ValidationError") && error instanceof Error && /not found/i.test(error.message);

interface ScaledGroup extends ComputeGroup {
  /** The launch template version that was made for it; undefined for a group that no rollout made. */
  readonly template?: { readonly id: string; readonly version: string } | undefined;
}

const tagsIn = ({ Tags = [] }: AutoScalingGroup): Readonly<Record<string, string>> =>
  Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [Key, Value]));

function groupOf(group: AutoScalingGroup, reason: string | undefined): ScaledGroup {
  const { AutoScalingGroupName: name, CreatedTime: createdAt } = group;
  if (name === undefined || createdAt === undefined)
    throw new TrysailError("answer-without-name", "Auto Scaling tells of a group without its name or its time.");
  const tags = tagsIn(group);
  const id = group.LaunchTemplate?.LaunchTemplateId;
  const version = tags[tagKeys.templateVersion];
  return {
    name,
    id: name,
    ...readTags(tags),
    createdAt: createdAt.getTime(),
    size: { min: group.MinSize ?? 0, desired: group.DesiredCapacity ?? 0, max: group.MaxSize ?? 0 },
    isDeleting: group.Status !== undefined,
    reason,
    targetGroups: group.TargetGroupARNs ?? [],
    isJudgedByBalancer: group.HealthCheckType?.includes("ELB") === true,
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

async function whyLacking(
  { autoScaling }: RegionClients,
  group: AutoScalingGroup,
  now: Millis,
): Promise<string | undefined> {
  const { AutoScalingGroupName, DesiredCapacity = 0, Instances = [], CreatedTime, Status } = group;
  const isNew = now - (CreatedTime?.getTime() ?? now) < askWhyAfterMs;
  if (Instances.length >= DesiredCapacity || isNew || Status !== undefined) return undefined;
  const { Activities = [] } = await autoScaling.send(
    new DescribeScalingActivitiesCommand({ AutoScalingGroupName, MaxRecords: 10 }),
  );
  return whyFewer(Activities);
}
