import type { EventSourceMappingConfiguration } from "@aws-sdk/client-lambda";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors, invalid, refused } from "../errors.ts";
import type { EventSourceMapping, Start } from "../event-sources/model.ts";
import { defaultSettings, readSettings } from "../event-sources/settings.ts";
import { eventSourceMappingArn, functionArn, readFunctionName } from "../names.ts";
import type { Sdk } from "../sdk.ts";
import { findMapping, findVersion, tables } from "../store.ts";

const pageSize = 100;
const user = { Type: "User" };

function describeMapping(ctx: Context, mapping: EventSourceMapping): EventSourceMappingConfiguration {
  const { settings, start } = mapping;
  return {
    UUID: mapping.id,
    EventSourceMappingArn: eventSourceMappingArn(ctx, mapping.id),
    EventSourceArn: mapping.streamArn,
    FunctionArn: functionArn(ctx, mapping.functionName, mapping.qualifier),
    State: mapping.state,
    StateTransitionReason: "User action",
    LastModified: new Date(mapping.modifiedAt),
    LastProcessingResult: mapping.lastResult,
    StartingPosition: start.position,
    ...(start.position === "AT_TIMESTAMP" && { StartingPositionTimestamp: new Date(start.at) }),
    BatchSize: settings.batchSize,
    MaximumBatchingWindowInSeconds: settings.windowSeconds,
    ParallelizationFactor: settings.parallelization,
    MaximumRetryAttempts: settings.maximumRetries,
    MaximumRecordAgeInSeconds: settings.maximumAgeSeconds,
    BisectBatchOnFunctionError: settings.bisects,
    TumblingWindowInSeconds: 0,
    FunctionResponseTypes: [...settings.responseTypes],
    DestinationConfig: { OnFailure: settings.onFailure === undefined ? {} : { Destination: settings.onFailure } },
    ...(settings.filters !== undefined && { FilterCriteria: settings.filters }),
  };
}

/** @throws AwsError `InvalidParameterValueException` for what is no stream, or is not there */
async function checkStream(ctx: Context, arn: string | undefined): Promise<string> {
  if (arn === undefined) throw refused("reads Kinesis streams only: give the ARN of one as EventSourceArn.");
  const { region, account } =
    /^arn:aws[a-zA-Z-]*:kinesis:(?<region>[a-z0-9-]+):(?<account>\d{12}):stream\/[\w.-]+$/.exec(arn)?.groups ?? {};
  if (region === undefined) throw refused(`reads Kinesis streams only, not ${arn}.`);
  if (region !== ctx.region || account !== ctx.account)
    throw refused("reads Kinesis streams of the function's own account and region only.");
  try {
    await ctx.call.kinesis.describeStreamSummary({ StreamARN: arn });
  } catch (error) {
    if (!isAwsError(error, "ResourceNotFoundException")) throw error;
    throw errors.InvalidParameterValueException(`Stream not found: ${arn}`, user);
  }
  return arn;
}

function readStart(ctx: Context, position: string | undefined, timestamp: Date | undefined): Start {
  if (position !== "AT_TIMESTAMP" && timestamp !== undefined)
    throw errors.InvalidParameterValueException(
      "StartingPositionTimestamp is only valid when StartingPosition is AT_TIMESTAMP.",
      user,
    );
  switch (position) {
    case undefined:
      throw errors.InvalidParameterValueException(
        "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
        user,
      );
    case "TRIM_HORIZON":
    case "LATEST":
      return { position };
    case "AT_TIMESTAMP":
      if (timestamp === undefined)
        throw errors.InvalidParameterValueException(
          "StartingPositionTimestamp is required when StartingPosition is AT_TIMESTAMP.",
          user,
        );
      if (timestamp.getTime() > ctx.now)
        throw errors.InvalidParameterValueException("StartingPositionTimestamp cannot be in the future.", user);
      return { position, at: timestamp.getTime() };
    default:
      throw invalid(position, "startingPosition", "satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]");
  }
}

/** @throws AwsError `InvalidParameterValueException` */
function checkFunction(ctx: Context, given: string): Pick<EventSourceMapping, "functionName" | "qualifier"> {
  const { name, qualifier } = readFunctionName(ctx, given);
  try {
    findVersion(ctx, name, qualifier);
  } catch (error) {
    if (!isAwsError(error, "ResourceNotFoundException")) throw error;
    throw errors.InvalidParameterValueException("Function does not exist", user);
  }
  return { functionName: name, qualifier };
}

/** No two mappings hand the records of one stream to one function. @throws AwsError `ResourceConflictException` */
function checkAlone(
  ctx: Context,
  mapping: Pick<EventSourceMapping, "id" | "streamArn" | "functionName" | "qualifier">,
): void {
  const arn = functionArn(ctx, mapping.functionName, mapping.qualifier);
  for (const other of ctx.table(tables.eventSourceMappings).values())
    if (
      other.id !== mapping.id &&
      other.streamArn === mapping.streamArn &&
      functionArn(ctx, other.functionName, other.qualifier) === arn
    )
      throw errors.ResourceConflictException(
        `The event source arn (" ${mapping.streamArn} ") and function (" ${mapping.functionName} ") provided mapping already exists. Please update or delete the existing mapping with UUID ${other.id}`,
        user,
      );
}

/** @throws AwsError `ResourceInUseException` */
function checkSettled({ state }: EventSourceMapping, verb: "update" | "delete"): void {
  if (state === "Enabled" || state === "Disabled") return;
  throw errors.ResourceInUseException(`Cannot ${verb} the event source mapping because it is in use.`, user);
}

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html */
export const createEventSourceMapping: Handler<Sdk, "createEventSourceMapping"> = async (ctx, input) => {
  const streamArn = await checkStream(ctx, input.EventSourceArn);
  const start = readStart(ctx, input.StartingPosition, input.StartingPositionTimestamp);
  const settings = readSettings(input, defaultSettings);
  const mapping: EventSourceMapping = {
    id: ctx.ids.uuid(),
    streamArn,
    ...checkFunction(ctx, input.FunctionName),
    state: "Creating",
    isEnabled: input.Enabled ?? true,
    createdAt: ctx.now,
    modifiedAt: ctx.now,
    revision: 0,
    start,
    settings,
    lastResult: "No records processed",
    tags: input.Tags ?? {},
    streamId: undefined,
  };
  ctx.transaction(() => {
    checkAlone(ctx, mapping);
    ctx.table(tables.eventSourceMappings).put(mapping.id, mapping);
  });
  return describeMapping(ctx, mapping);
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html */
export const getEventSourceMapping: Handler<Sdk, "getEventSourceMapping"> = (ctx, input) =>
  describeMapping(ctx, findMapping(ctx, input.UUID));

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_ListEventSourceMappings.html */
export const listEventSourceMappings: Handler<Sdk, "listEventSourceMappings"> = (ctx, input) => {
  const { EventSourceArn: source, FunctionName: given } = input;
  const wanted = given === undefined ? undefined : readFunctionName(ctx, given);
  const arn = wanted === undefined ? undefined : functionArn(ctx, wanted.name, wanted.qualifier);
  const { items, next } = pageOf<string, EventSourceMapping>(
    function* (options) {
      for (const [key, mapping] of ctx.table(tables.eventSourceMappings).entries(options)) {
        if (source !== undefined && mapping.streamArn !== source) continue;
        if (arn !== undefined && functionArn(ctx, mapping.functionName, mapping.qualifier) !== arn) continue;
        yield [key, mapping] as const;
      }
    },
    input.Marker,
    input.MaxItems ?? pageSize,
    (message) => errors.InvalidParameterValueException(message),
  );
  return { EventSourceMappings: items.map((mapping) => describeMapping(ctx, mapping)), NextMarker: next };
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html */
export const updateEventSourceMapping: Handler<Sdk, "updateEventSourceMapping"> = (ctx, input) => {
  const mapping = findMapping(ctx, input.UUID);
  checkSettled(mapping, "update");
  const isEnabled = input.Enabled ?? mapping.isEnabled;
  const updated: EventSourceMapping = {
    ...mapping,
    ...(input.FunctionName !== undefined && checkFunction(ctx, input.FunctionName)),
    settings: readSettings(input, mapping.settings),
    isEnabled,
    state: isEnabled === mapping.isEnabled ? "Updating" : isEnabled ? "Enabling" : "Disabling",
    modifiedAt: ctx.now,
    revision: mapping.revision + 1,
  };
  checkAlone(ctx, updated);
  ctx.table(tables.eventSourceMappings).put(updated.id, updated);
  return describeMapping(ctx, updated);
};

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_DeleteEventSourceMapping.html */
export const deleteEventSourceMapping: Handler<Sdk, "deleteEventSourceMapping"> = (ctx, input) => {
  const mapping = findMapping(ctx, input.UUID);
  checkSettled(mapping, "delete");
  const deleted: EventSourceMapping = { ...mapping, state: "Deleting", isEnabled: false, modifiedAt: ctx.now };
  ctx.table(tables.eventSourceMappings).put(deleted.id, deleted);
  return describeMapping(ctx, deleted);
};
