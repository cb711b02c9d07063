import { parseRegion } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import type { Outcome, Properties, ResourceIdentity, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";
import { tables } from "../store.ts";
import { answerUrl } from "./answer-route.ts";
import { providerEvent, readAnswer } from "./request.ts";
import type { CustomRequest, ReadAnswer, RequestIdentity, RequestType } from "./request.ts";

/** How long a provider may take, where the resource says nothing of it. */
const longestSeconds = 3600;

interface Step {
  readonly type: RequestType;
  readonly properties: Properties;
  readonly previous: Properties | undefined;
  readonly physicalId: string | undefined;
}

/** @throws Error for a time that AWS does not take */
function timeoutMs({ ServiceTimeout: given = longestSeconds }: Properties): number {
  const seconds = Number(given);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > longestSeconds)
    throw new Error(`ServiceTimeout must be an integer from 1 to ${longestSeconds}.`);
  return seconds * 1000;
}

/** @throws Error for what is neither a function nor a topic */
function providerOf({ ServiceToken: token }: Properties): string {
  const arn = typeof token === "string" ? token : "";
  if (!/^arn:[^:]+:(?:lambda:[^:]+:\d{12}:function|sns:[^:]+:\d{12}):/.test(arn))
    throw new Error(`Invalid service token: ${arn}`);
  return arn;
}

/** Asks the provider, unless it has been asked, and looks for its answer. */
async function ask(
  ctx: Context,
  request: ResourceRequest,
  step: Step,
): Promise<ReadAnswer | { readonly status: "waiting"; readonly until: number }> {
  const { stackId, logicalId, token } = request;
  const requests = ctx.table(tables.customRequests);
  const identity: RequestIdentity = { stackId, logicalId, requestId: token };
  const target = providerOf(step.properties);
  const asked = requests.get([stackId, token]) ?? begin(ctx, request, timeoutMs(step.properties));
  if (asked.answer !== undefined) return readAnswer(asked.answer, identity);
  if (ctx.now >= asked.deadline) {
    return {
      status: "failed",
      physicalId: undefined,
      reason: `CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId [${token}]. If you are using the Python cfn-response module, you may need to update your Lambda function code so that CloudFormation can attach the updated version.`,
    };
  }
  if (!asked.isSent) {
    const event = providerEvent(identity, {
      ...step,
      resourceType:
        ctx.table(tables.resources).get([stackId, logicalId])?.type ?? "AWS::CloudFormation::CustomResource",
      answerUrl: answerUrl(ctx, asked.answerId),
    });
    await tell(ctx, target, JSON.stringify(event));
    ctx.transaction(() => {
      const current = requests.get([stackId, token]);
      if (current !== undefined) requests.put([stackId, token], { ...current, isSent: true });
    });
  }
  return { status: "waiting", until: asked.deadline };
}

/** A topic's subscriber answers as a function does. */
async function tell(ctx: Context, target: string, event: string): Promise<void> {
  const { call } = ctx.as({ region: parseRegion(target.split(":")[3] ?? "") ?? ctx.region });
  if (target.includes(":sns:"))
    await call.sns.publish({
      TopicArn: target,
      Subject: "AWS CloudFormation custom resource request",
      Message: event,
    });
  else await call.lambda.invoke({ FunctionName: target, InvocationType: "Event", Payload: Buffer.from(event) });
}

/** Writes down that a provider is asked, before it is. What the resource was asked long ago is forgotten. */
function begin(ctx: Context, { stackId, logicalId, token }: ResourceRequest, waitMs: number): CustomRequest {
  const requests = ctx.table(tables.customRequests);
  const answers = ctx.table(tables.customAnswers);
  const begun: CustomRequest = {
    stackId,
    logicalId,
    answerId: ctx.ids.hex(64),
    isSent: false,
    deadline: ctx.now + waitMs,
    answer: undefined,
  };
  ctx.transaction(() => {
    for (const [key, row] of Array.from(requests.entries({ prefix: [stackId] }))) {
      if (row.logicalId !== logicalId || ctx.now < row.deadline) continue;
      requests.delete(key);
      answers.delete(row.answerId);
    }
    requests.put([stackId, token], begun);
    answers.put(begun.answerId, [stackId, token]);
  });
  return begun;
}

async function make(ctx: Context, request: ResourceRequest, step: Step): Promise<Outcome<ResourceIdentity>> {
  const answer = await ask(ctx, request, step);
  if (answer.status === "waiting") return answer;
  // What has failed half way is removed by the id that it told.
  if (answer.physicalId !== undefined && answer.physicalId !== step.physicalId) request.made(answer.physicalId);
  if (answer.status === "failed") return { status: "failed", reason: answer.reason };
  const { physicalId, data, isSecret } = answer;
  return { status: "done", id: physicalId, attributes: data, isSecret };
}

/**
 * A resource that a function of the user's makes, or who subscribes to a topic.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources.html
 */
export const customResource: ResourceType = {
  properties: ["ServiceToken", "ServiceTimeout"],
  takesAnyProperty: true,
  required: ["ServiceToken"],

  create: (ctx, properties, request) =>
    make(ctx, request, { type: "Create", properties, previous: undefined, physicalId: undefined }),

  async update(ctx, id, properties, previous, request) {
    if (properties["ServiceToken"] !== previous["ServiceToken"])
      return { status: "failed", reason: "Modifying service token is not allowed." };
    return make(ctx, request, { type: "Update", properties, previous, physicalId: id });
  },

  async remove(ctx, id, properties, request) {
    const answer = await ask(ctx, request, { type: "Delete", properties, previous: undefined, physicalId: id });
    switch (answer.status) {
      case "waiting":
        return answer;
      case "failed":
        return { status: "failed", reason: answer.reason };
      case "succeeded":
        return { status: "done" };
      default:
        return answer satisfies never;
    }
  },
};
