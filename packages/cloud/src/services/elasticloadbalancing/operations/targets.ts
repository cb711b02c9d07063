import type { TargetDescription, TargetHealthDescription } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { allAttributes, targetGroupAttributes } from "../attributes.ts";
import { limits } from "../limits.ts";
import type { Health, Target, TargetGroup } from "../model.ts";
import { notRegistered, putTarget, removeTarget } from "../registration.ts";
import type { Sdk } from "../sdk.ts";
import { findLoadBalancer, findTargetGroup, loadBalancerOf, tables, targetsOf } from "../store.ts";
import { healthOf } from "../target-health.ts";
import { zonesOf } from "../target-zones.ts";

function portOf(group: TargetGroup, { Port: port }: TargetDescription): number {
  return group.targetType === "lambda" ? 0 : (port ?? group.port ?? 0);
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RegisterTargets.html */
export const registerTargets: Handler<Sdk, "registerTargets"> = async (ctx, input) => {
  const asked = findTargetGroup(ctx, input.TargetGroupArn);
  if (input.Targets.length === 0) throw errors.ValidationError("A target must be specified");
  for (const { Port: port, QuicServerId: quic } of input.Targets) {
    if (port !== undefined && (port < 1 || port > 65_535))
      throw errors.ValidationError(`The port '${port}' must be between 1 and 65535`);
    if (quic !== undefined) throw errors.ValidationError("QuicServerId is not supported for this target group");
  }
  const zones = await zonesOf(ctx, asked, input.Targets);
  return ctx.transaction(() => {
    const group = findTargetGroup(ctx, input.TargetGroupArn);
    for (const target of input.Targets) register(ctx, group, target, zones.get(target.Id ?? "") ?? "all");
    checkCount(ctx, group);
    return {};
  });
};

function register(ctx: Context, group: TargetGroup, target: TargetDescription, zone: string): void {
  const { Id: id = "" } = target;
  const port = portOf(group, target);
  const existing = ctx.table(tables.targets).get([group.name, id, port]);
  if (existing !== undefined && existing.drainsUntil === undefined && existing.ended === undefined) return;
  // Its health is to be found anew.
  ctx.table(tables.statuses).delete([group.name, id, port]);
  putTarget(ctx, { group: group.name, id, port, zone, registeredAt: ctx.now });
}

function checkCount(ctx: Context, { name, targetType }: TargetGroup): void {
  const max = targetType === "lambda" ? 1 : limits["targets-per-application-load-balancer"];
  if (targetsOf(ctx, name).filter(({ drainsUntil }) => drainsUntil === undefined).length > max)
    throw errors.TooManyTargets(`The maximum number of targets for this target group is '${max}'`);
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeregisterTargets.html */
export const deregisterTargets: Handler<Sdk, "deregisterTargets"> = (ctx, input) => {
  const group = findTargetGroup(ctx, input.TargetGroupArn);
  const used = loadBalancerOf(ctx, group.name) !== undefined;
  const attributes = allAttributes(targetGroupAttributes(group.targetType), group.attributes);
  const delaySeconds = Number(attributes["deregistration_delay.timeout_seconds"] ?? 0);
  for (const description of input.Targets) {
    const target = ctx.table(tables.targets).get([group.name, description.Id ?? "", portOf(group, description)]);
    // One that is not registered is no error; one that is draining goes on.
    if (target === undefined || target.drainsUntil !== undefined) continue;
    if (!used || delaySeconds === 0 || target.ended !== undefined) removeTarget(ctx, group, target);
    else putTarget(ctx, { ...target, drainsUntil: ctx.now + delaySeconds * 1000 });
  }
  return {};
};

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetHealth.html */
export const describeTargetHealth: Handler<Sdk, "describeTargetHealth"> = (ctx, input) => {
  const group = findTargetGroup(ctx, input.TargetGroupArn);
  const usedBy = loadBalancerOf(ctx, group.name);
  const loadBalancer = usedBy === undefined ? undefined : findLoadBalancer(ctx, usedBy);
  const describe = (target: Target): TargetHealthDescription => {
    const { seen } = ctx.table(tables.statuses).get([group.name, target.id, target.port]) ?? {};
    return show(group, target, healthOf(target, { group, loadBalancer, seen }));
  };
  const wanted = input.Targets ?? [];
  const found =
    wanted.length === 0
      ? targetsOf(ctx, group.name).map(describe)
      : wanted.map((description) => {
          const id = description.Id ?? "";
          const port = portOf(group, description);
          const target = ctx.table(tables.targets).get([group.name, id, port]);
          return target === undefined ? show(group, { id, port, zone: undefined }, notRegistered) : describe(target);
        });
  const tellsAnomalies = (input.Include ?? []).some((part) => part === "All" || part === "AnomalyDetection");
  if (!tellsAnomalies || group.targetType === "lambda") return { TargetHealthDescriptions: found };
  // Nothing looks for anomalies, so that none is found.
  const AnomalyDetection = { Result: "normal", MitigationInEffect: "no" } as const;
  return { TargetHealthDescriptions: found.map((description) => ({ ...description, AnomalyDetection })) };
};

function show(
  group: TargetGroup,
  { id, port, zone }: Pick<Target, "id" | "port"> & { readonly zone: string | undefined },
  { state, reason, description }: Health,
): TargetHealthDescription {
  const { port: checkPort } = group.healthCheck;
  const isFunction = group.targetType === "lambda";
  return {
    Target: {
      Id: id,
      ...(!isFunction && { Port: port }),
      // AWS tells the zone of addresses and functions only.
      ...(group.targetType !== "instance" && zone !== undefined && { AvailabilityZone: zone }),
    },
    ...(!isFunction && { HealthCheckPort: checkPort === "traffic-port" ? String(port) : checkPort }),
    TargetHealth: {
      State: state,
      Reason: reason as NonNullable<TargetHealthDescription["TargetHealth"]>["Reason"],
      Description: description,
    },
  };
}
