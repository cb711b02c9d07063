import type { FilterCriteria, FunctionResponseType } from "@aws-sdk/client-lambda";
import type { Millis } from "@trysail/core";

/** What hands a stream's records to a function. */
export interface EventSourceMapping {
  readonly id: string;
  readonly streamArn: string;
  readonly functionName: string;
  readonly qualifier: string | undefined;
  readonly state: "Creating" | "Enabling" | "Enabled" | "Disabling" | "Disabled" | "Updating" | "Deleting";
  /** Whether it is to work: what a passing state leads to. */
  readonly isEnabled: boolean;
  readonly createdAt: Millis;
  readonly modifiedAt: Millis;
  /** One more with each change of the settings: what was read by others is read anew. */
  readonly revision: number;
  readonly start: Start;
  readonly settings: Settings;
  readonly lastResult: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The very stream whose shards are followed: one that is made anew under its name is another. Undefined: none yet. */
  readonly streamId: string | undefined;
}

export type Start =
  | { readonly position: "TRIM_HORIZON" }
  /** From the mapping's creation on. */
  | { readonly position: "LATEST" }
  | { readonly position: "AT_TIMESTAMP"; readonly at: Millis };

/** @see https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html */
export interface Settings {
  readonly batchSize: number;
  readonly windowSeconds: number;
  /** Parts of a shard, by partition key, whose batches run at once. */
  readonly parallelization: number;
  /** -1: without end. */
  readonly maximumRetries: number;
  /** -1: as long as the stream keeps them. */
  readonly maximumAgeSeconds: number;
  readonly bisects: boolean;
  readonly responseTypes: readonly FunctionResponseType[];
  readonly filters: FilterCriteria | undefined;
  /** The ARN of what is told of records that are given up. */
  readonly onFailure: string | undefined;
}

/** How far a mapping has come in a shard. */
export interface ShardProgress {
  /** Shards that must be done before this one begins, if they are followed. */
  readonly parents: readonly string[];
  readonly lanes: readonly Lane[];
  /** It was closed, and all of its records are done. */
  readonly isDone: boolean;
}

/** The records of a shard that are handed over one batch after the other: all, or those of some partition keys. */
export interface Lane {
  /** The sequence number up to which all of its records are done; undefined before the first. */
  readonly after: string | undefined;
  /** Batches that have not succeeded, in their order: they go before all that is behind them. */
  readonly parts: readonly Part[];
  /** When the first part is to be tried again. */
  readonly dueAt: Millis;
}

/** A batch that was tried: the lane's records behind those before it, up to a sequence number. */
export interface Part {
  readonly until: string;
  /** How often the function has failed on it. */
  readonly failures: number;
  /** How often it was tried, also where it did not reach the function. */
  readonly attempts: number;
}

export const freshLane: Lane = { after: undefined, parts: [], dueAt: 0 };

/** The lanes that a shard goes on in when it is to have so many: those that are behind the others tell from where. */
export function lanesOf(lanes: readonly Lane[], count: number): readonly Lane[] {
  if (lanes.length === count) return lanes;
  const afters = lanes.map(({ after }) => after);
  const least = afters.includes(undefined) ? undefined : afters.toSorted()[0];
  return Array.from({ length: count }, () => ({ ...freshLane, after: least }));
}

/** Where a shard is to be read from: behind what all of its lanes have done. */
export function readFrom(lanes: readonly Lane[]): string | undefined {
  return lanesOf(lanes, lanes.length + 1)[0]?.after;
}
