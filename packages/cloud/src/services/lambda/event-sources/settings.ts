import type { CreateEventSourceMappingRequest, UpdateEventSourceMappingRequest } from "@aws-sdk/client-lambda";
import { PatternError } from "../../../event-pattern/matcher.ts";
import { errors, invalid, refused } from "../errors.ts";
import { destinationKind } from "../invoking/destination-kinds.ts";
import { readFilters } from "./filter.ts";
import type { Settings } from "./model.ts";

export const defaultSettings: Settings = {
  batchSize: 100,
  windowSeconds: 0,
  parallelization: 1,
  maximumRetries: -1,
  maximumAgeSeconds: -1,
  bisects: false,
  responseTypes: [],
  filters: undefined,
  onFailure: undefined,
};

type Given = Omit<CreateEventSourceMappingRequest, "FunctionName"> & Omit<UpdateEventSourceMappingRequest, "UUID">;

/** Members that are for sources that Trysail does not have, or for what it does not do. */
const refusedMembers = [
  "AmazonManagedKafkaEventSourceConfig",
  "DocumentDBEventSourceConfig",
  "KMSKeyArn",
  "LoggingConfig",
  "MetricsConfig",
  "ProvisionedPollerConfig",
  "Queues",
  "ScalingConfig",
  "SelfManagedEventSource",
  "SelfManagedKafkaEventSourceConfig",
  "SourceAccessConfigurations",
  "Topics",
] as const;

const filterLimits = { count: 5, characters: 4096 } as const;

function inRange(value: number | undefined, member: string, least: number, most: number): number | undefined {
  if (value !== undefined && value < least)
    throw invalid(value, member, `have value greater than or equal to ${least}`);
  if (value !== undefined && value > most) throw invalid(value, member, `have value less than or equal to ${most}`);
  return value;
}

/**
 * The settings that a request leads to.
 *
 * @throws AwsError `ValidationException`, `InvalidParameterValueException`
 */
export function readSettings(given: Given, before: Settings): Settings {
  for (const member of refusedMembers)
    if (given[member] !== undefined && given[member] !== "")
      throw refused(`reads Kinesis streams only, and has no ${member} for them.`);
  if ((given.TumblingWindowInSeconds ?? 0) !== 0)
    throw refused("has no tumbling windows: leave out TumblingWindowInSeconds.");
  const settings: Settings = {
    batchSize: inRange(given.BatchSize, "batchSize", 1, 10_000) ?? before.batchSize,
    windowSeconds:
      inRange(given.MaximumBatchingWindowInSeconds, "maximumBatchingWindowInSeconds", 0, 300) ?? before.windowSeconds,
    parallelization: inRange(given.ParallelizationFactor, "parallelizationFactor", 1, 10) ?? before.parallelization,
    maximumRetries: inRange(given.MaximumRetryAttempts, "maximumRetryAttempts", -1, 10_000) ?? before.maximumRetries,
    maximumAgeSeconds: readAge(given.MaximumRecordAgeInSeconds) ?? before.maximumAgeSeconds,
    bisects: given.BisectBatchOnFunctionError ?? before.bisects,
    responseTypes: given.FunctionResponseTypes ?? before.responseTypes,
    filters: readCriteria(given.FilterCriteria, before),
    onFailure: readDestination(given.DestinationConfig, before),
  };
  if (!settings.responseTypes.every((type) => type === "ReportBatchItemFailures"))
    throw invalid(
      settings.responseTypes.join(),
      "functionResponseTypes",
      "satisfy enum value set: [ReportBatchItemFailures]",
    );
  return settings;
}

function readAge(given: number | undefined): number | undefined {
  const age = inRange(given, "maximumRecordAgeInSeconds", -1, 604_800);
  if (age !== undefined && age !== -1 && age < 60)
    throw errors.InvalidParameterValueException(
      "Maximum record age in seconds has to be -1 or between 60 and 604800 seconds.",
      { Type: "User" },
    );
  return age;
}

function readCriteria(given: Given["FilterCriteria"], { filters: before }: Settings): Settings["filters"] {
  if (given === undefined) return before;
  const { Filters: filters = [] } = given;
  if (filters.length > filterLimits.count)
    throw errors.InvalidParameterValueException(`The number of filters exceeds the maximum of ${filterLimits.count}.`, {
      Type: "User",
    });
  for (const { Pattern } of filters)
    if ((Pattern?.length ?? 0) > filterLimits.characters)
      throw invalid(
        Pattern,
        "filterCriteria.filters.pattern",
        `have length less than or equal to ${filterLimits.characters}`,
      );
  try {
    readFilters(given);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw errors.InvalidParameterValueException(`Invalid filter pattern definition. ${error.message}`, {
      Type: "User",
    });
  }
  return filters.length === 0 ? undefined : given;
}

function readDestination(given: Given["DestinationConfig"], { onFailure: before }: Settings): string | undefined {
  if (given === undefined) return before;
  if (given.OnSuccess?.Destination !== undefined)
    throw errors.InvalidParameterValueException(
      "Unsupported DestinationConfig parameter for given event source mapping type.",
      {
        Type: "User",
      },
    );
  const arn = given.OnFailure?.Destination;
  if (arn === undefined || arn === "") return undefined;
  if (destinationKind(arn) !== "topic")
    throw refused(`tells SNS topics only of records that are given up, not ${arn}.`);
  return arn;
}
