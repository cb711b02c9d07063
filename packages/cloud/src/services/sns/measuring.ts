import type { Context } from "../../kernel/context.ts";
import type { Topic } from "./model.ts";

/** @see https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html */
export function measure(ctx: Context, { name: TopicName }: Topic, name: string, bytes?: number): void {
  ctx.measure({
    namespace: "AWS/SNS",
    name,
    unit: bytes === undefined ? "Count" : "Bytes",
    series: [{ TopicName }],
    values: [bytes ?? 1],
  });
}
