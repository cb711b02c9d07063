import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors, invalid } from "../errors.ts";
import { defaultPolicy } from "../model.ts";
import type { Topic } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { findTopic, tables } from "../store.ts";

interface Policy {
  readonly Statement?: readonly { readonly Sid?: string }[];
}

function policyOf(ctx: Context, { arn, attributes }: Topic): Policy {
  return JSON.parse(attributes["Policy"] ?? defaultPolicy(arn, ctx.account)) as Policy;
}

function putStatements(ctx: Context, topic: Topic, Statement: NonNullable<Policy["Statement"]>): void {
  const Policy = JSON.stringify({ ...policyOf(ctx, topic), Statement });
  ctx.table(tables.topics).put(topic.name, { ...topic, attributes: { ...topic.attributes, Policy } });
}

/** Recorded and returned; who may do what is not decided by it. @see https://docs.aws.amazon.com/sns/latest/api/API_AddPermission.html */
export const addPermission: Handler<Sdk, "addPermission"> = (ctx, input) => {
  const topic = findTopic(ctx, input.TopicArn);
  const { Statement = [] } = policyOf(ctx, topic);
  if (Statement.some(({ Sid }) => Sid === input.Label)) throw invalid("Statement already exists");
  if (input.AWSAccountId.some((id) => !/^\d{12}$/.test(id))) throw invalid("Principal");
  if (input.ActionName.some((name) => !/^(?:\*|[A-Z][A-Za-z]+)$/.test(name))) throw invalid("Policy Action");
  const principals = input.AWSAccountId.map((id) => `${topic.arn.split(":").slice(0, 2).join(":")}:iam::${id}:root`);
  const actions = input.ActionName.map((name) => `SNS:${name}`);
  const statement = {
    Sid: input.Label,
    Effect: "Allow",
    Principal: { AWS: principals.length === 1 ? principals[0] : principals },
    Action: actions.length === 1 ? actions[0] : actions,
    Resource: topic.arn,
  };
  putStatements(ctx, topic, [...Statement, statement]);
  return {};
};

/** @see https://docs.aws.amazon.com/sns/latest/api/API_RemovePermission.html */
export const removePermission: Handler<Sdk, "removePermission"> = (ctx, input) => {
  const topic = findTopic(ctx, input.TopicArn);
  const { Statement = [] } = policyOf(ctx, topic);
  const left = Statement.filter(({ Sid }) => Sid !== input.Label);
  if (left.length === Statement.length) throw errors.NotFound("Statement does not exist");
  putStatements(ctx, topic, left);
  return {};
};
