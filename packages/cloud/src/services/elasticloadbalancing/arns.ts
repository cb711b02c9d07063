import { partitionOf } from "@trysail/core";
import type { Context } from "../../kernel/context.ts";
import { errors } from "./errors.ts";

/** `arn:aws:elasticloadbalancing:us-east-1:123456789012:` and what is given. */
export function arnOf(ctx: Pick<Context, "account" | "region">, resource: string): string {
  return `arn:${partitionOf(ctx.region)}:elasticloadbalancing:${ctx.region}:${ctx.account}:${resource}`;
}

const kinds = {
  "load balancer": /^arn:[^:]+:elasticloadbalancing:[^:]*:\d*:loadbalancer\/(?<path>.+)$/,
  listener: /^arn:[^:]+:elasticloadbalancing:[^:]*:\d*:listener\/(?<path>.+)$/,
  "listener rule": /^arn:[^:]+:elasticloadbalancing:[^:]*:\d*:listener-rule\/(?<path>.+)$/,
  "target group": /^arn:[^:]+:elasticloadbalancing:[^:]*:\d*:targetgroup\/(?<path>.+)$/,
};

export type ArnKind = keyof typeof kinds;

/**
 * The parts behind the kind: of a load balancer `app`, name, id; of a listener and a rule theirs too; of a target group
 * name, id.
 *
 * @throws AwsError `ValidationError` if it is no ARN of that kind
 */
export function partsOfArn(kind: ArnKind, arn: string): readonly string[] {
  const path = kinds[kind].exec(arn)?.groups?.["path"];
  if (path === undefined) throw errors.ValidationError(`'${arn}' is not a valid ${kind} ARN`);
  return path.split("/");
}

/** What an ARN names; undefined if it is none of ours. */
export function kindOfArn(arn: string): ArnKind | undefined {
  return (Object.keys(kinds) as ArnKind[]).find((kind) => kinds[kind].test(arn));
}
