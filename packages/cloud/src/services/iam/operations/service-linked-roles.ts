import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { keyOf } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { findIdentity, identities, tables } from "../store.ts";
import { addRole, showRole } from "./roles.ts";

/** How services call themselves in their role's name, where it is not just their first letter that is a capital. */
const serviceNames: Readonly<Record<string, string>> = {
  autoscaling: "AutoScaling",
  "codestar-notifications": "CodeStarNotifications",
  ecs: "ECS",
  eks: "AmazonEKS",
  elasticloadbalancing: "ElasticLoadBalancing",
  fis: "FIS",
  globalaccelerator: "GlobalAccelerator",
  rds: "RDS",
  spot: "EC2Spot",
  "ecs.application-autoscaling": "ApplicationAutoScaling_ECSService",
};

/** `AWSServiceRoleForAutoScaling` of `autoscaling.amazonaws.com`, with `_suffix` if there is one. */
export function serviceLinkedRoleName(service: string, suffix: string | undefined): string {
  const short = service.replace(/\.amazonaws\.com$/, "");
  const name =
    serviceNames[short] ??
    short
      .split(/[.-]/)
      .map((word) => `${word[0]?.toUpperCase() ?? ""}${word.slice(1)}`)
      .join("");
  return `AWSServiceRoleFor${name}${suffix === undefined ? "" : `_${suffix}`}`;
}

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html */
export const createServiceLinkedRole: Handler<Sdk, "createServiceLinkedRole"> = (ctx, input) => {
  const service = input.AWSServiceName;
  if (!/^[a-z0-9.-]+\.amazonaws\.com$/.test(service))
    throw errors.InvalidInput(`Service name ${service} is not a valid service principal.`);
  const name = serviceLinkedRoleName(service, input.CustomSuffix);
  if (identities(ctx, "role").has(keyOf(name))) {
    throw errors.InvalidInput(
      `Service role name ${name} has been taken in this account, please try a different suffix.`,
    );
  }
  const role = addRole(ctx, {
    name,
    path: `/aws-service-role/${service}/`,
    trustPolicy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
    }),
    description: input.Description,
    maxSessionSeconds: 3600,
    boundary: undefined,
    tags: {},
  });
  return { Role: showRole(role) };
};

/** Deleted at once: nothing of ours works under a service-linked role. @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServiceLinkedRole.html */
export const deleteServiceLinkedRole: Handler<Sdk, "deleteServiceLinkedRole"> = (ctx, input) => {
  const role = findIdentity(ctx, "role", input.RoleName);
  if (!role.path.startsWith("/aws-service-role/"))
    throw errors.InvalidInput(`The role ${role.name} is not a service-linked role.`);
  const taskId = `task${role.path}${role.name}/${ctx.ids.uuid()}`;
  identities(ctx, "role").delete(keyOf(role.name));
  ctx.table(tables.deletions).put(taskId, { role: role.name });
  return { DeletionTaskId: taskId };
};

/** @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLinkedRoleDeletionStatus.html */
export const getServiceLinkedRoleDeletionStatus: Handler<Sdk, "getServiceLinkedRoleDeletionStatus"> = (ctx, input) => {
  if (!ctx.table(tables.deletions).has(input.DeletionTaskId)) {
    throw errors.NoSuchEntity(`The deletion task with id ${input.DeletionTaskId} cannot be found.`);
  }
  return { Status: "SUCCEEDED" };
};
