import { parseAccountId, parseRegion } from "@trysail/core";
import type { Context, DeliveredEvent } from "../../../kernel/context.ts";
import type { InProcess } from "../../../kernel/in-process.ts";
import { parsePath, valueAt } from "../delivery/input.ts";
import { remember } from "../delivery/bus.ts";
import { route } from "../delivery/route.ts";
import { busName, findBus } from "../store.ts";
import { eventJson } from "../model.ts";
import type { Target } from "../model.ts";
import { partsOf, targetKind } from "./kinds.ts";

/**
 * Sends an event to a target.
 *
 * @param input - what the target is sent of it, as a text
 * @throws what the target's service says
 */
export async function invokeTarget(ctx: Context, target: Target, event: DeliveredEvent, input: string): Promise<void> {
  const { Arn } = target;
  const { region, account, resource } = partsOf(Arn);
  const there = ctx.as({
    region: parseRegion(region) ?? ctx.region,
    account: parseAccountId(account) ?? ctx.account,
  });
  const { call } = there;
  switch (targetKind(Arn)) {
    case "lambda":
      await call.lambda.invoke({ FunctionName: Arn, InvocationType: "Event", Payload: Buffer.from(input) });
      return;
    case "kinesis": {
      const path = target.KinesisParameters?.PartitionKeyPath;
      const key = path === undefined ? event.id : valueAt(eventJson(event), parsePath(path) ?? []);
      const PartitionKey = typeof key === "string" ? key : JSON.stringify(key ?? event.id);
      await call.kinesis.putRecord({ StreamARN: Arn, PartitionKey, Data: Buffer.from(input) });
      return;
    }
    case "sns":
      await call.sns.publish({ TopicArn: Arn, Message: input });
      return;
    case "codepipeline":
      await call.codepipeline.startPipelineExecution({ name: resource, ...overridesIn(target, input) });
      return;
    case "codebuild":
      await call.codebuild.startBuild({
        ...overridesIn(target, input),
        projectName: resource.slice(resource.indexOf("/") + 1),
      });
      return;
    case "logs":
      return putLogEvent(call, resource.replace(/^log-group:/, "").replace(/:\*$/, ""), event, input);
    case "ecs":
      return runTask(call, target, input);
    case "bus":
      there.transaction(() => {
        const bus = findBus(there, busName(Arn)).name;
        const arrived = { ...event, region: there.region };
        if (there.region !== ctx.region) remember(there, arrived);
        route(there, bus, arrived);
      });
      return;
    case undefined:
      throw new Error(`Trysail cannot send events to ${Arn}`);
  }
}

/** What a target gives of its own: without that, the event itself says nothing of how to start. */
function overridesIn({ Input, InputPath, InputTransformer }: Target, input: string): object {
  if (Input === undefined && InputPath === undefined && InputTransformer === undefined) return {};
  try {
    const overrides: unknown = JSON.parse(input);
    return typeof overrides === "object" && overrides !== null && !Array.isArray(overrides) ? overrides : {};
  } catch {
    return {};
  }
}

/** Each event is a stream of its own, as EventBridge does it. */
async function putLogEvent(call: InProcess, logGroupName: string, event: DeliveredEvent, input: string): Promise<void> {
  const logStreamName = event.id;
  await call.logs.createLogStream({ logGroupName, logStreamName }).catch((error: { readonly code?: string }) => {
    // Made by the attempt before.
    if (error.code !== "ResourceAlreadyExistsException") throw error as unknown as Error;
  });
  await call.logs.putLogEvents({ logGroupName, logStreamName, logEvents: [{ timestamp: event.time, message: input }] });
}

async function runTask(call: InProcess, target: Target, input: string): Promise<void> {
  const { EcsParameters: given } = target;
  const overrides = overridesIn(target, input);
  const { failures = [] } = await call.ecs.runTask({
    cluster: target.Arn,
    taskDefinition: given?.TaskDefinitionArn ?? "",
    count: given?.TaskCount ?? 1,
    launchType: given?.LaunchType,
    platformVersion: given?.PlatformVersion,
    group: given?.Group,
    capacityProviderStrategy: given?.CapacityProviderStrategy,
    networkConfiguration: given?.NetworkConfiguration,
    placementConstraints: given?.PlacementConstraints,
    placementStrategy: given?.PlacementStrategy,
    enableECSManagedTags: given?.EnableECSManagedTags,
    enableExecuteCommand: given?.EnableExecuteCommand,
    propagateTags: given?.PropagateTags,
    tags: given?.Tags?.map(({ Key, Value }) => ({ key: Key, value: Value })),
    ...(Object.keys(overrides).length > 0 && { overrides }),
  } as Parameters<InProcess["ecs"]["runTask"]>[0]);
  const [failure] = failures;
  if (failure !== undefined) throw new Error(`${failure.arn ?? "task"}: ${failure.reason ?? "could not be run"}`);
}
