import type { CreateEventSourceMappingRequest, UpdateEventSourceMappingRequest } from "@aws-sdk/client-lambda";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Properties, ResourceType } from "../../../kernel/resource.ts";
import { isMadeFor } from "../../../kernel/resource.ts";
import { readTags, tagList } from "../../../kernel/tags.ts";
import { eventSourceMappingArn } from "../names.ts";
import { numberOf, orExisting, unlessGone } from "./properties.ts";

/** Members that a template may write as texts. */
const numbers = [
  "BatchSize",
  "MaximumBatchingWindowInSeconds",
  "MaximumRecordAgeInSeconds",
  "MaximumRetryAttempts",
  "ParallelizationFactor",
  "TumblingWindowInSeconds",
] as const;
/** Members that the operations do not have, or only the one that creates. */
const createOnly = ["EventSourceArn", "KmsKeyArn", "StartingPosition", "StartingPositionTimestamp", "Tags"];
const flags = ["BisectBatchOnFunctionError", "Enabled"] as const;

interface MappingProperties extends Properties {
  readonly EventSourceArn?: string;
  readonly FunctionName: string;
  readonly KmsKeyArn?: string;
  readonly StartingPosition?: CreateEventSourceMappingRequest["StartingPosition"];
  /** In seconds. */
  readonly StartingPositionTimestamp?: number | string;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

/** What both operations take. */
function settingsOf(
  properties: MappingProperties,
): Omit<UpdateEventSourceMappingRequest, "UUID"> & { FunctionName: string } {
  const read: Record<string, unknown> = { ...properties, KMSKeyArn: properties.KmsKeyArn };
  for (const name of createOnly) delete read[name];
  for (const name of numbers) read[name] = numberOf(properties[name] as number | string | undefined);
  for (const name of flags) {
    const value = properties[name];
    read[name] = value === undefined ? undefined : value === true || value === "true";
  }
  return { ...read, FunctionName: properties.FunctionName };
}

/** What a mapping has again where its template says nothing any more. */
const defaults: Omit<UpdateEventSourceMappingRequest, "UUID"> = {
  BatchSize: 100,
  BisectBatchOnFunctionError: false,
  DestinationConfig: {},
  Enabled: true,
  FilterCriteria: {},
  FunctionResponseTypes: [],
  MaximumBatchingWindowInSeconds: 0,
  MaximumRecordAgeInSeconds: -1,
  MaximumRetryAttempts: -1,
  ParallelizationFactor: 1,
};

const given = (settings: object) =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));

const soonMs = 1000;

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventsourcemapping.html */
export const eventSourceMapping: ResourceType = {
  properties: [
    "AmazonManagedKafkaEventSourceConfig",
    "BatchSize",
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "DocumentDBEventSourceConfig",
    "Enabled",
    "EventSourceArn",
    "FilterCriteria",
    "FunctionName",
    "FunctionResponseTypes",
    "KmsKeyArn",
    "LoggingConfig",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "MetricsConfig",
    "ParallelizationFactor",
    "ProvisionedPollerConfig",
    "Queues",
    "ScalingConfig",
    "SelfManagedEventSource",
    "SelfManagedKafkaEventSourceConfig",
    "SourceAccessConfigurations",
    "StartingPosition",
    "StartingPositionTimestamp",
    "Tags",
    "Topics",
    "TumblingWindowInSeconds",
  ],
  required: ["FunctionName"],
  replacedBy: [
    "EventSourceArn",
    "SelfManagedEventSource",
    "SelfManagedKafkaEventSourceConfig",
    "StartingPosition",
    "StartingPositionTimestamp",
  ],

  async create(ctx, properties: MappingProperties & Properties, request) {
    const { lambda } = ctx.call;
    const { EventSourceArn, FunctionName, StartingPosition, Tags: own } = properties;
    const seconds = numberOf(properties.StartingPositionTimestamp);
    const made = await orExisting(
      () =>
        lambda.createEventSourceMapping({
          ...settingsOf(properties),
          EventSourceArn,
          StartingPosition,
          StartingPositionTimestamp: seconds === undefined ? undefined : new Date(seconds * 1000),
          Tags: { ...readTags(own, readTags(request.tags)) },
        }),
      async () => {
        const { EventSourceMappings: [found] = [] } = await lambda.listEventSourceMappings({
          EventSourceArn,
          FunctionName,
        });
        if (found === undefined) return undefined;
        const { Tags: tags = {} } = await lambda.listTags({ Resource: found.EventSourceMappingArn ?? "" });
        return isMadeFor(request, tagList(tags)) ? found : undefined;
      },
    );
    const { UUID: id = "", EventSourceMappingArn } = made;
    request.made(id);
    // It is found by its tags the next time.
    if (made.State === "Creating") return { status: "waiting", until: ctx.now + soonMs };
    return { status: "done", id, attributes: { Id: id, EventSourceMappingArn } };
  },

  async update(ctx, id, properties: MappingProperties & Properties, previous: MappingProperties & Properties, request) {
    const { lambda } = ctx.call;
    const Resource = eventSourceMappingArn(ctx, id);
    await lambda.updateEventSourceMapping({ UUID: id, ...defaults, ...given(settingsOf(properties)) });
    const tags = readTags(properties.Tags, readTags(request.tags));
    const gone = Object.keys(readTags(previous.Tags)).filter((key) => !Object.hasOwn(tags, key));
    if (gone.length > 0) await lambda.untagResource({ Resource, TagKeys: gone });
    await lambda.tagResource({ Resource, Tags: { ...tags } });
    return { status: "done", id, attributes: { Id: id, EventSourceMappingArn: Resource } };
  },

  async remove(ctx, id) {
    try {
      return await unlessGone(() => ctx.call.lambda.deleteEventSourceMapping({ UUID: id }));
    } catch (error) {
      // It was changed a moment ago.
      if (isAwsError(error, "ResourceInUseException")) return { status: "waiting", until: ctx.now + soonMs };
      throw error;
    }
  },
};
