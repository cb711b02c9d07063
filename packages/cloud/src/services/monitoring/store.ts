import type { StandardUnit } from "@aws-sdk/client-cloudwatch";
import type { Millis } from "@trysail/core";
import type { Dimensions } from "../../kernel/measurement.ts";
import { table } from "../../store/table.ts";
import type { Alarm, AlarmState } from "./alarms/model.ts";

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

/** Something that has happened to an alarm. */
export interface HistoryRow {
  readonly at: Millis;
  readonly alarm: string;
  readonly alarmType: "MetricAlarm" | "CompositeAlarm";
  readonly type: "ConfigurationUpdate" | "StateUpdate" | "Action";
  readonly summary: string;
  /** JSON. */
  readonly data: string;
}

/** An action that is to be carried out since an alarm has come into a state. */
export interface PendingAction {
  readonly alarm: Alarm;
  readonly before: AlarmState;
  readonly state: AlarmState;
  readonly action: string;
  /** How often it has failed. */
  readonly failures: number;
  /** When it is to be carried out (again). */
  readonly dueAt: Millis;
}

export const tables = {
  alarms: table<string, Alarm>("alarms"),
  alarmStates: table<string, AlarmState>("alarm-states"),
  /** By the alarm's name and the order of what has happened. */
  alarmHistory: table<[alarm: string, order: number], HistoryRow>("alarm-history"),
  pendingActions: table<string, PendingAction>("pending-actions"),
  dashboards: table<string, DashboardRow>("dashboards", "global"),
  series: table<[namespace: string, name: string, dimensions: string, unit: string], SeriesRow>("series"),
  /** The id that the next series gets. */
  counters: table<string, number>("counters"),
  /** By order of arrival: what is not in a chunk yet. */
  journal: table<number, JournalRow>("journal"),
  /** Points of a series, packed: those of a level that begin from a second on. */
  /** When chunks of a level that begin with a second are too old for it: a row for those of all series. */
  ageings: table<[levelSeconds: number, startSecond: number], Millis>("ageings"),
  chunks: table<[series: number, levelSeconds: number, startSecond: number], readonly number[]>("chunks"),
};
