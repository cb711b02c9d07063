import { partitionOf } from "@trysail/core";
import type { Context } from "../../kernel/context.ts";

type Where = Pick<Context, "account" | "region">;

/** `arn:aws:ecs:REGION:ACCOUNT:` and what is given. */
export function arnOf({ account, region }: Where, resource: string): string {
  return `arn:${partitionOf(region)}:ecs:${region}:${account}:${resource}`;
}

export const clusterArn = (where: Where, cluster: string) => arnOf(where, `cluster/${cluster}`);
export const taskArn = (where: Where, cluster: string, id: string) => arnOf(where, `task/${cluster}/${id}`);
export const containerArn = (where: Where, cluster: string, task: string, id: string) =>
  arnOf(where, `container/${cluster}/${task}/${id}`);
export const serviceArn = (where: Where, cluster: string, name: string) => arnOf(where, `service/${cluster}/${name}`);
export const taskDefinitionArn = (where: Where, family: string, revision: number) =>
  arnOf(where, `task-definition/${family}:${revision}`);
export const serviceDeploymentArn = (where: Where, cluster: string, service: string, id: string) =>
  arnOf(where, `service-deployment/${cluster}/${service}/${id}`);
export const serviceRevisionArn = (where: Where, cluster: string, service: string, id: string) =>
  arnOf(where, `service-revision/${cluster}/${service}/${id}`);

/** What follows the account in an ARN of ECS: `service/default/web`; undefined if it is none. */
export function resourceOf(arn: string): string | undefined {
  return /^arn:[^:]+:ecs:[^:]*:\d*:(?<resource>.+)$/.exec(arn)?.groups?.["resource"];
}

/** The cluster's name in its name or ARN. @defaultValue "default" */
export function clusterNameOf(nameOrArn: string | undefined): string {
  if (nameOrArn === undefined || nameOrArn === "") return "default";
  return resourceOf(nameOrArn)?.replace(/^cluster\//, "") ?? nameOrArn;
}

/** The last part of an ARN, or the short name as it is. */
export function shortNameOf(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1);
}

/** The cluster that an ARN of a task, service, deployment or revision names; undefined where it is a short name. */
export function clusterInArn(arn: string): string | undefined {
  const parts = resourceOf(arn)?.split("/");
  return parts !== undefined && parts.length > 2 ? parts[1] : undefined;
}
