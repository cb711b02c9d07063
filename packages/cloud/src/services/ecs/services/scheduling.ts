import type { Context, DeliveredEvent } from "../../../kernel/context.ts";
import type { Controller, Subscription } from "../../../kernel/service.ts";
import type { Tags } from "../../../kernel/tags.ts";
import { activeTasks, tables } from "../store.ts";
import { newTask } from "../tasks/create.ts";
import type { Task } from "../tasks/model.ts";
import { leastUsed, nextProvider } from "../tasks/placement.ts";
import { addTask, saveTask, setAside } from "../tasks/save.ts";
import { withStop } from "../tasks/transitions.ts";
import { alarmDetected, bakesUntil, deploymentAlarms, isAlarming, withAlarmsNoted } from "./alarms.ts";
import type { DeploymentAlarms } from "./alarms.ts";
import { emitServiceAction, writeEvent } from "./events.ts";
import type { Deployment, Service } from "./model.ts";
import { checkedContainers, targetStates, unhealthyTargets, viewTask } from "./observe.ts";
import type { TargetStates } from "./observe.ts";
import { planService } from "./plan.ts";
import type { SeenTask, ServicePlan } from "./plan.ts";
import { afterFailures, afterSuccess, complete, fail, isBroken, withPrimary } from "./rollout.ts";
import { endDeployment, saveService, settle, tell } from "./save.ts";

const broken = "ECS deployment circuit breaker: tasks failed to start";

/** Keeps as many tasks of each service as are wanted, and leads its deployments to their end. */
export const scheduling: Controller = {
  name: "services",
  watches: [tables.services, tables.tasks, tables.wakes],
  keyOf({ table, key, value }) {
    if (value === undefined) return undefined;
    if (table !== tables.tasks.name) return (key as [string, string]).join("/");
    const { cluster, service, state, desiredStatus } = value as Task;
    // What a task goes through before it runs, and before it has stopped, changes nothing for its service.
    const isOnItsWay =
      desiredStatus === "RUNNING"
        ? state.status !== "RUNNING"
        : ["DEACTIVATING", "STOPPING", "DEPROVISIONING"].includes(state.status);
    return service === undefined || isOnItsWay ? undefined : `${cluster}/${service.name}`;
  },

  async reconcile(ctx, key) {
    const [cluster = "", name = ""] = key.split("/");
    const service = ctx.table(tables.services).get([cluster, name]);
    if (service === undefined || service.status === "INACTIVE") return undefined;
    const hasBalancers = service.deployments.some(({ config }) => config.loadBalancers.length > 0);
    const targets = await targetStates(ctx, hasBalancers ? [...activeTasks(ctx, cluster, name)] : []);
    const alarms = await deploymentAlarms(ctx, service);
    const at = ctx.as({});
    return at.transaction(() => {
      const now = at.table(tables.services).get([cluster, name]);
      if (now === undefined || now.status === "INACTIVE") return undefined;
      // The alarms are those of the deployment that was looked at.
      const isSame = now.deployments[0]?.id === service.deployments[0]?.id;
      return schedule(at, now, targets, isSame ? alarms : undefined);
    });
  },
};

/** One look at a service, and what is to be done for it now. */
function schedule(
  ctx: Context,
  found: Service,
  targets: TargetStates,
  alarms: DeploymentAlarms | undefined,
): { readonly wakeAt: number } | undefined {
  const tasks = [...activeTasks(ctx, found.cluster, found.name)];
  const noted = takeNote(ctx, found, tasks);
  const service = alarms === undefined ? noted : heedAlarms(ctx, noted, alarms);
  if (service.status === "DRAINING") {
    drain(
      ctx,
      service,
      tasks.filter((task) => !isStopped(task)),
    );
    return undefined;
  }
  const [primary] = service.deployments;
  if (primary === undefined) return undefined;
  const living = tasks.filter(({ desiredStatus }) => desiredStatus === "RUNNING");
  const surroundings = {
    targets,
    gracePeriodMs: service.healthCheckGracePeriodSeconds * 1000,
    isChecked: checkedContainers(ctx),
  };
  const views = living.map((task) => viewTask(task, surroundings, ctx.now));
  const seen = views.map((view) => view.seen);
  const stopping = tasks.filter((task) => task.desiredStatus === "STOPPED" && !isStopped(task));
  const plan = planService(
    {
      desiredCount: service.desiredCount,
      minimumHealthyPercent: service.configuration.minimumHealthyPercent ?? 100,
      maximumPercent: service.configuration.maximumPercent ?? 200,
      primary,
      tasks: seen,
      draining: stopping.filter((task) => task.service?.deployment !== primary.id).length,
    },
    ctx.now,
  );
  const bakedAt = plan.isSteady && alarms !== undefined ? bakesUntil(primary, alarms, ctx.now) : undefined;
  const after = carryOut(ctx, service, primary, living, seen, { ...plan, bakes: bakedAt !== undefined }, targets);
  if (after !== found) saveService(ctx, after);
  const times = views.flatMap(({ lookAgainAt }) => lookAgainAt ?? []);
  if (bakedAt !== undefined) times.push(bakedAt);
  if (primary.nextStartAt > ctx.now) times.push(primary.nextStartAt);
  for (const { protectedUntil } of living) if (protectedUntil !== undefined) times.push(protectedUntil);
  const later = times.filter((time) => time > ctx.now);
  return later.length === 0 ? undefined : { wakeAt: Math.min(...later) };
}

/** Ends the deployment that has set off an alarm. */
function heedAlarms(ctx: Context, given: Service, alarms: DeploymentAlarms): Service {
  const service = withAlarmsNoted(given, alarms);
  if (!isAlarming(service, alarms)) return service;
  const rollBack = service.configuration.alarms?.rollback === true;
  return endDeployment(ctx, service, fail(service, alarmDetected, rollBack, ctx.now), `${alarmDetected}.`);
}

const isStopped = ({ state }: Task) => state.status === "STOPPED";

/** A task that has ended by itself, or was stopped because it failed its checks. */
function hasFailed({ stop }: Task): boolean {
  return (
    stop?.code === "TaskFailedToStart" ||
    stop?.code === "EssentialContainerExited" ||
    stop?.reason.startsWith("Task failed ") === true
  );
}

/** Takes note of tasks that have failed, each once, and sets aside those that have stopped. */
function takeNote(ctx: Context, service: Service, tasks: readonly Task[]): Service {
  const [primary] = service.deployments;
  // As soon as they are told to stop: replacements are started then, and must know how those before have fared.
  const failed = tasks.filter((task) => hasFailed(task) && task.noted !== true);
  for (const task of failed) saveTask(ctx, { ...task, noted: true });
  for (const task of tasks.filter(isStopped)) setAside(ctx, task);
  const failures = failed.filter((task) => task.service?.deployment === primary?.id).length;
  if (failures === 0) return service;
  const turn = afterFailures(service, failures, ctx.now);
  if (turn.events.length > 0) emitServiceAction(ctx, service, "WARN", "SERVICE_TASK_START_IMPAIRED");
  const after = tell(ctx, turn);
  if (!isBroken(after)) return after;
  const rollBack = after.configuration.deploymentCircuitBreaker?.rollback === true;
  return endDeployment(ctx, after, fail(after, broken, rollBack, ctx.now), `${broken}.`);
}

function carryOut(
  ctx: Context,
  given: Service,
  primary: Deployment,
  living: readonly Task[],
  seen: readonly SeenTask[],
  plan: ServicePlan & { readonly bakes: boolean },
  targets: TargetStates,
): Service {
  let service = given;
  // The plan was made for this deployment; one that has failed meanwhile is looked at again, since its row has changed.
  if (service.deployments[0]?.id !== primary.id) return service;
  for (const [index, { deployment, health }] of seen.entries())
    if (deployment === primary.id && health === "healthy")
      service = afterSuccess(service, living[index]?.startedAt ?? 0);
  if (plan.stop.length > 0) service = stopTasks(ctx, service, living, plan, targets);
  if (plan.start > 0) service = startTasks(ctx, service, primary, living, plan.start);
  if (plan.isStuck && !service.steady && !lastEventIs(ctx, service, stuck)) service = writeEvent(ctx, service, stuck);
  service = withoutEmptyDeployments(ctx, service);
  if (!plan.isSteady) return service.steady ? { ...service, steady: false } : service;
  if (plan.bakes) {
    const {
      deployments: [current = primary],
    } = service;
    return current.bakingSince === undefined ? withPrimary(service, { ...current, bakingSince: ctx.now }) : service;
  }
  return service.steady && primary.rollout !== "IN_PROGRESS"
    ? service
    : settle(ctx, service, complete(service, ctx.now));
}

/** Earlier deployments are told of for as long as there are tasks of theirs. */
function withoutEmptyDeployments(ctx: Context, service: Service): Service {
  if (service.deployments.length === 1) return service;
  const tasks = activeTasks(ctx, service.cluster, service.name);
  const hasTasks = new Set([...tasks].map((task) => task.service?.deployment));
  const deployments = service.deployments.filter(({ id }, index) => index === 0 || hasTasks.has(id));
  return deployments.length === service.deployments.length ? service : { ...service, deployments };
}

const stuck =
  "was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.";

function lastEventIs(ctx: Context, { cluster, name, events }: Service, text: string): boolean {
  return (
    ctx
      .table(tables.serviceEvents)
      .get([cluster, name, Math.max(0, events - 1)])
      ?.message.endsWith(text) === true
  );
}

const listed = (tasks: readonly { readonly id: string }[]) => tasks.map(({ id }) => `(task ${id})`).join(" ");

function stopTasks(
  ctx: Context,
  given: Service,
  living: readonly Task[],
  plan: ServicePlan,
  targets: TargetStates,
): Service {
  let service = given;
  let draining = 0;
  for (const { task: id, reason } of plan.stop) {
    const task = living.find((one) => one.id === id);
    if (task === undefined) continue;
    saveTask(ctx, withStop(task, { code: "ServiceSchedulerInitiated", reason, at: ctx.now }));
    if (task.registered.length > 0) draining += 1;
    for (const text of unhealthyTargets(task, targets)) service = writeEvent(ctx, service, text);
  }
  return draining === 0 ? service : writeEvent(ctx, service, `has begun draining connections on ${draining} tasks.`);
}

function tagsOf(ctx: Context, service: Service, { config }: Deployment): Tags {
  const definition =
    service.propagateTags === "TASK_DEFINITION"
      ? ctx.table(tables.definitions).get([config.family, config.revision])?.tags
      : undefined;
  return {
    ...(service.enableManagedTags && { "aws:ecs:clusterName": service.cluster, "aws:ecs:serviceName": service.name }),
    ...(service.propagateTags === "SERVICE" ? service.tags : definition),
  };
}

function startTasks(
  ctx: Context,
  service: Service,
  deployment: Deployment,
  living: readonly Task[],
  count: number,
): Service {
  const { config } = deployment;
  const definition = ctx.table(tables.definitions).get([config.family, config.revision])?.definition;
  if (definition === undefined) throw new Error(`the task definition ${config.family}:${config.revision} is gone`);
  const there = living.filter((task) => task.service?.deployment === deployment.id);
  const made: Task[] = [];
  for (let index = 0; index < count; index += 1) {
    const all = [...there, ...made];
    const task = newTask(ctx, {
      cluster: service.cluster,
      definition,
      group: `service:${service.name}`,
      startedBy: deployment.id,
      service: {
        name: service.name,
        deployment: deployment.id,
        targetGroups: config.loadBalancers.map(({ targetGroupArn = "", containerName = "", containerPort = 0 }) => ({
          targetGroupArn,
          containerName,
          containerPort,
        })),
      },
      launchType: config.launchType ?? "FARGATE",
      capacityProvider: nextProvider(
        config.strategy,
        all.map(({ capacityProvider }) => capacityProvider),
      ),
      overrides: {},
      enableExecuteCommand: service.enableExecuteCommand,
      tags: tagsOf(ctx, service, deployment),
      place: leastUsed(
        config.places,
        all.map(({ zone }) => zone),
      ),
    });
    addTask(ctx, task);
    made.push(task);
  }
  return writeEvent(ctx, { ...service, steady: false }, `has started ${made.length} tasks: ${listed(made)}.`);
}

/** A service that was deleted: its tasks stop, and then nothing of it is left. */
function drain(ctx: Context, service: Service, left: readonly Task[]): void {
  const primary = service.deployments[0]?.id ?? "";
  const reason = `Scaling activity initiated by (deployment ${primary})`;
  for (const task of left)
    if (task.stop === undefined)
      saveTask(ctx, withStop(task, { code: "ServiceSchedulerInitiated", reason, at: ctx.now }));
  if (left.length > 0) return;
  const { cluster, name } = service;
  for (const { config } of service.deployments)
    for (const { targetGroupArn = "" } of config.loadBalancers)
      ctx.table(tables.targetGroups).delete([targetGroupArn, cluster, name]);
  ctx.table(tables.wakes).delete([cluster, name]);
  saveService(ctx, { ...service, status: "INACTIVE", deployments: [] });
}

/** A balancer tells that a target's health has changed: the target's service looks, and a task that drains does. */
export const targetHealth: Subscription = {
  name: "ecs-target-health",
  matches: (event, ctx) =>
    event.source === "trysail.elasticloadbalancing" &&
    [...ctx.table(tables.targetGroups).keys({ prefix: [groupOf(event)] })].length > 0,
  async handle(ctx, event) {
    ctx.transaction(() => {
      for (const [, cluster, name] of ctx.table(tables.targetGroups).keys({ prefix: [groupOf(event)] })) {
        ctx.table(tables.wakes).put([cluster, name], event.id);
        for (const task of activeTasks(ctx, cluster, name))
          if (task.state.status === "DEACTIVATING" && task.registered.some(({ id }) => id === event.detail["targetId"]))
            ctx.table(tables.drains).put(task.id, event.id);
      }
    });
  },
};

function groupOf({ detail }: DeliveredEvent): string {
  return String(detail["targetGroupArn"]);
}
