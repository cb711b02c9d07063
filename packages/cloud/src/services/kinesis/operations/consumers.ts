import type { Consumer as ConsumerShape } from "@aws-sdk/client-kinesis";
import type { Context } from "../../../kernel/context.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Consumer } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { findActiveStream, findStream, nameInArn, tables } from "../store.ts";

const describe = ({ name, arn, createdAt }: Consumer): ConsumerShape => ({
  ConsumerName: name,
  ConsumerARN: arn,
  ConsumerStatus: "ACTIVE",
  ConsumerCreationTimestamp: new Date(createdAt),
});

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_RegisterStreamConsumer.html */
export const registerStreamConsumer: Handler<Sdk, "registerStreamConsumer"> = (ctx, input) => {
  const stream = findActiveStream(ctx, { StreamARN: input.StreamARN });
  const consumers = ctx.table(tables.consumers);
  const { ConsumerName: name } = input;
  if (consumers.has([stream.name, name]))
    throw errors.ResourceInUseException(
      `Consumer ${name} under stream ${stream.name} already exists for account ${ctx.account}.`,
    );
  if ([...consumers.keys({ prefix: [stream.name] })].length >= limits.consumers)
    throw errors.LimitExceededException(`A stream has at most ${limits.consumers} consumers.`);
  const consumer: Consumer = {
    name,
    arn: `${stream.arn}/consumer/${name}:${Math.floor(ctx.now / 1000)}`,
    createdAt: ctx.now,
    tags: input.Tags ?? {},
  };
  consumers.put([stream.name, name], consumer);
  return { Consumer: describe(consumer) };
};

interface Named {
  readonly StreamARN?: string | undefined;
  readonly ConsumerName?: string | undefined;
  readonly ConsumerARN?: string | undefined;
}

/** @throws AwsError `ResourceNotFoundException`, `InvalidArgumentException` */
function find(ctx: Context, { StreamARN, ConsumerName, ConsumerARN }: Named): { stream: string; consumer: Consumer } {
  const stream = nameInArn(StreamARN ?? ConsumerARN ?? "");
  const name = ConsumerName ?? /\/consumer\/(?<name>[^:]+):\d+$/.exec(ConsumerARN ?? "")?.groups?.["name"];
  if (stream === undefined || name === undefined)
    throw errors.InvalidArgumentException("Either ConsumerARN, or StreamARN and ConsumerName must be provided.");
  const consumer = ctx.table(tables.consumers).get([stream, name]);
  if (consumer === undefined || (ConsumerARN !== undefined && consumer.arn !== ConsumerARN))
    throw errors.ResourceNotFoundException(`Consumer ${name}, account ${ctx.account} not found.`);
  return { stream, consumer };
}

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DescribeStreamConsumer.html */
export const describeStreamConsumer: Handler<Sdk, "describeStreamConsumer"> = (ctx, input) => {
  const { stream, consumer } = find(ctx, input);
  const { arn } = findStream(ctx, { StreamName: stream });
  const { ConsumerName, ConsumerARN, ConsumerStatus, ConsumerCreationTimestamp } = describe(consumer);
  return {
    ConsumerDescription: { ConsumerName, ConsumerARN, ConsumerStatus, ConsumerCreationTimestamp, StreamARN: arn },
  };
};

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListStreamConsumers.html */
export const listStreamConsumers: Handler<Sdk, "listStreamConsumers"> = (ctx, input) => {
  const { name } = findStream(ctx, { StreamARN: input.StreamARN });
  const found = [...ctx.table(tables.consumers).values({ prefix: [name] })];
  const { items, next } = pageOfList(found, input.NextToken, input.MaxResults ?? 100, errors.InvalidArgumentException);
  return { Consumers: items.map(describe), NextToken: next };
};

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeregisterStreamConsumer.html */
export const deregisterStreamConsumer: Handler<Sdk, "deregisterStreamConsumer"> = (ctx, input) => {
  const { stream, consumer } = find(ctx, input);
  ctx.table(tables.consumers).delete([stream, consumer.name]);
  return {};
};
