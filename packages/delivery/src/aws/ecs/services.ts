import {
  CreateServiceCommand,
  DeleteServiceCommand,
  DescribeServicesCommand,
  paginateListServices,
  TagResourceCommand,
  UpdateServiceCommand,
  type Service,
  type Task,
} from "@aws-sdk/client-ecs";
import { TrysailError, type Millis } from "@trysail/core";
import type { EcsCompute } from "../../fleet/model.ts";
import type { RegionClients } from "../clients.ts";
import { isNamed } from "../failures.ts";
import type { Compute, ComputeGroup } from "../model.ts";
import { environmentOf, readTags, tagKeys, tagsOf } from "../tags.ts";
import { whyFewer } from "./events.ts";
import { serviceName } from "./names.ts";
import { serviceTagKeys, sizeOf, sizeTags, tagList, tagsIn, type Tags } from "./tags.ts";
import { createTaskDefinition, deregisterTaskDefinition } from "./task-definition.ts";
import { instanceOf, toldOf, tasksOf } from "./tasks.ts";

/** In an answer of ListServices, and in a call of DescribeServices: AWS's limits. */
const perCall = { listed: 100, described: 10 } as const;

/** For how long a service is taken for one of others: somebody may give it the cluster's tag, or its name to another. */
const foreignForMs = 60_000;

export interface EcsDeps {
  readonly clients: RegionClients;
  /** The name of the cluster that is rolled out, which is not ECS's. */
  readonly cluster: string;
  readonly fleet: EcsCompute;
  /** Its id: a group of the same name in another rollout is another. */
  readonly rollout: string;
}

/**
 * Server groups that are services of ECS on Fargate, each with a revision of the fleet's task definition of its own.
 *
 * A service has a desired count only. Minimum and maximum are remembered in tags, for rollouts alone: scaling policies and
 * targets of Application Auto Scaling are neither made nor changed, and may scale in what a rollout holds; it grows again.
 */
export function ecsCompute({ clients: { ecs }, cluster, fleet, rollout }: EcsDeps): Compute {
  /** ARNs of services that are of others, which need not be described at every look. */
  const foreign = new Set<string>();
  let foreignSince = 0;

  async function describe(services: readonly string[]): Promise<readonly Service[]> {
    const pages = Array.from({ length: Math.ceil(services.length / perCall.described) }, (_, page) =>
      services.slice(page * perCall.described, (page + 1) * perCall.described),
    );
    const told = await Promise.all(
      pages.map((page) =>
        ecs.send(new DescribeServicesCommand({ cluster: fleet.cluster, services: page, include: ["TAGS"] })),
      ),
    );
    return told.flatMap(({ services: found = [] }) => found).filter(({ status }) => status !== "INACTIVE");
  }

  const isOurs = ({ tags }: Service): boolean => tagsIn(tags)[tagKeys.cluster] === cluster;

  async function own(now: Millis): Promise<readonly Service[]> {
    if (now - foreignSince >= foreignForMs) {
      foreign.clear();
      foreignSince = now;
    }
    const arns: string[] = [];
    for await (const page of paginateListServices(
      { client: ecs, pageSize: perCall.listed },
      { cluster: fleet.cluster },
    ))
      arns.push(...(page.serviceArns ?? []).filter((arn) => !foreign.has(arn)));
    const found = await describe(arns);
    for (const service of found) if (!isOurs(service)) foreign.add(service.serviceArn ?? "");
    return found.filter(isOurs);
  }

  /** What has a name that is wanted is what was wanted, made before an interruption; or it is in the way. */
  async function recognize(group: string): Promise<"made" | "missing"> {
    const [service] = await describe([serviceName(group)]);
    if (service === undefined) return "missing";
    if (service.status === "DRAINING")
      throw new TrysailError("still-deleting", `An earlier ${group} is still being deleted.`);
    if (isOurs(service)) return "made";
    throw new TrysailError("name-taken", `There is a service ${service.serviceName} that is not of this cluster.`, {
      fault: "user",
      next: `Delete it, or give it the tag ${tagKeys.cluster} with the value ${cluster}.`,
    });
  }

  const tag = (resourceArn: string, tags: Tags) =>
    ecs.send(new TagResourceCommand({ resourceArn, tags: tagList(tags) }));

  const setCount = (service: string, desiredCount: number) =>
    ecs.send(new UpdateServiceCommand({ cluster: fleet.cluster, service, desiredCount }));

  return {
    async observe(now) {
      const services = await own(now);
      const families = new Set(services.flatMap(({ taskDefinition }) => familyOf(taskDefinition) ?? []));
      const tasks = await tasksOf(ecs, fleet.cluster, [...families]);
      return services.map((service) => groupOf(service, tasks, now));
    },

    async create({ group, role, version, size }, targetGroups) {
      foreign.clear();
      const definition = await createTaskDefinition(ecs, fleet, {
        cluster,
        group,
        rollout,
        artifact: version.artifact,
        environment: environmentOf(cluster, group, version),
      });
      const tags = {
        ...tagsOf(cluster, role, version),
        ...sizeTags(size),
        [tagKeys.serverGroup]: group,
        [serviceTagKeys.taskDefinition]: definition.name,
        ...(definition.isChecked ? { [serviceTagKeys.isChecked]: "true" } : {}),
      };
      try {
        await ecs.send(
          new CreateServiceCommand({
            cluster: fleet.cluster,
            serviceName: serviceName(group),
            taskDefinition: definition.name,
            desiredCount: size.desired,
            launchType: "FARGATE",
            deploymentController: { type: "ECS" },
            deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 200 },
            networkConfiguration: {
              awsvpcConfiguration: {
                subnets: [...fleet.subnets],
                securityGroups: [...fleet.securityGroups],
                assignPublicIp: fleet.assignPublicIp ? "ENABLED" : "DISABLED",
              },
            },
            // ECS allows a grace period only where there is a balancer.
            ...(targetGroups.length === 0
              ? {}
              : {
                  loadBalancers: targetGroups.map((targetGroupArn) => ({
                    targetGroupArn,
                    containerName: fleet.container,
                    containerPort: fleet.port,
                  })),
                  healthCheckGracePeriodSeconds: fleet.healthCheckGraceSeconds,
                }),
            tags: tagList(tags),
            propagateTags: "SERVICE",
          }),
        );
      } catch (error) {
        // ECS has one error for all that it does not take.
        if (!isNamed(error, "InvalidParameterException") || (await recognize(group)) === "missing") throw error;
      }
    },

    async resize({ id, size: before }, size) {
      // First the count: a maximum of 0 says that nothing is left to be ended.
      if (before.desired !== size.desired) await setCount(id, size.desired);
      if (before.min !== size.min || before.max !== size.max) await tag(id, sizeTags(size));
    },

    async mark({ id }, isPromoted) {
      await tag(id, { [tagKeys.promoted]: String(isPromoted) });
    },

    /** A service that has no tasks asks nothing of its target groups, and is only deleted then. */
    detach: () => Promise.resolve(),

    async remove({ id, isDeleting, size, taskDefinition }: ServiceGroup) {
      if (taskDefinition !== undefined) await deregisterTaskDefinition(ecs, taskDefinition);
      if (isDeleting) return;
      try {
        if (size.desired > 0) await setCount(id, 0);
        await ecs.send(new DeleteServiceCommand({ cluster: fleet.cluster, service: id, force: true }));
      } catch (error) {
        if (!isNamed(error, "ServiceNotFoundException", "ServiceNotActiveException")) throw error;
      }
    },
  };
}

interface ServiceGroup extends ComputeGroup {
  /** The revision that was made for it; undefined for a group that no rollout made. */
  readonly taskDefinition?: string | undefined;
}

/** Of an ARN, or of `family:revision`. */
const familyOf = (taskDefinition: string | undefined): string | undefined =>
  /([^/]+):\d+$/.exec(taskDefinition ?? "")?.[1];

function groupOf(service: Service, all: readonly Task[], now: Millis): ServiceGroup {
  const { serviceName: name, serviceArn: id, createdAt, status, events = [] } = service;
  if (name === undefined || id === undefined || createdAt === undefined)
    throw new TrysailError("answer-without-name", "ECS tells of a service without its name or its time.");
  const tags = tagsIn(service.tags);
  const size = sizeOf(service, tags);
  const isDeleting = status === "DRAINING";
  const tasks = all.filter(({ group }) => group === `service:${name}`);
  const instances = toldOf(tasks, size.desired, now).map((task) =>
    instanceOf(task, tags[serviceTagKeys.isChecked] === "true"),
  );
  const isLacking = instances.filter(({ lifecycle }) => lifecycle === "running").length < size.desired;
  return {
    name: tags[tagKeys.serverGroup] ?? name,
    id,
    ...readTags(tags),
    createdAt: createdAt.getTime(),
    size,
    isDeleting,
    reason: isLacking && !isDeleting ? whyFewer(events, createdAt) : undefined,
    targetGroups: (service.loadBalancers ?? []).flatMap(({ targetGroupArn }) => targetGroupArn ?? []),
    isJudgedByBalancer: (service.loadBalancers ?? []).length > 0,
    instances,
    taskDefinition: tags[serviceTagKeys.taskDefinition],
  };
}
