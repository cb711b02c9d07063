import type { StandardUnit } from "@aws-sdk/client-cloudwatch";
import type { Millis } from "@trysail/core";
import type { Dimensions } from "../../kernel/measurement.ts";
import { table } from "../../store/table.ts";

/** A series: a metric with its dimensions, in one unit. */
export interface SeriesRow {
  readonly id: number;
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Dimensions;
  readonly unit: StandardUnit;
  /** When data came last, to the hour. */
  readonly lastAt: Millis;
}

/** What one call has brought: see series/journal.ts. */
export interface JournalRow {
  readonly at: Millis;
  readonly points: readonly number[];
}

export interface DashboardRow {
  readonly name: string;
  /** JSON. */
  readonly body: string;
  readonly changedAt: Millis;
}

export const tables = {
  dashboards: table<string, DashboardRow>("dashboards", "global"),
  series: table<[namespace: string, name: string, dimensions: string, unit: string], SeriesRow>("series"),
  /** The id that the next series gets. */
  counters: table<string, number>("counters"),
  /** By order of arrival: what is not in a chunk yet. */
  journal: table<number, JournalRow>("journal"),
  /** Points of a series, packed: those of a level that begin from a second on. */
  chunks: table<[series: number, levelSeconds: number, startSecond: number], readonly number[]>("chunks"),
};
