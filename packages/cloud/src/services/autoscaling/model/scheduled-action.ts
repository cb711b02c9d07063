import { Cron } from "croner";
import type { Millis } from "@trysail/core";
import type { Group } from "./group.ts";

/** A change of a group's sizes at a time, once or again and again. */
export interface ScheduledAction {
  readonly name: string;
  readonly group: string;
  readonly arn: string;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly desired: number | undefined;
  readonly startsAt: Millis | undefined;
  readonly endsAt: Millis | undefined;
  readonly recurrence: string | undefined;
  readonly timeZone: string | undefined;
  /** When it is carried out next. */
  readonly nextAt: Millis;
}

/**
 * When a recurring action comes next.
 *
 * @param after - exclusive
 * @returns undefined if it does not come again
 * @throws Error if the pattern or the time zone is none
 */
export function nextRun(
  { recurrence, timeZone, endsAt }: Pick<ScheduledAction, "recurrence" | "timeZone" | "endsAt">,
  after: Millis,
): Millis | undefined {
  if (recurrence === undefined) return undefined;
  const next = new Cron(recurrence, { timezone: timeZone ?? "UTC", paused: true, mode: "5-part" }).nextRun(
    new Date(after),
  );
  if (next === null || (endsAt !== undefined && next.getTime() > endsAt)) return undefined;
  return next.getTime();
}

/** The sizes that an action gives to a group, and what it changes, in AWS's words. */
export function sizesAfter(
  { min, max, desired }: Pick<ScheduledAction, "min" | "max" | "desired">,
  group: Pick<Group, "min" | "max" | "desired">,
): { readonly min: number; readonly max: number; readonly desired: number; readonly changes: readonly string[] } {
  const newMax = max ?? Math.max(group.max, min ?? 0);
  const newMin = Math.min(min ?? group.min, newMax);
  const newDesired = Math.max(newMin, Math.min(newMax, desired ?? group.desired));
  const change = (what: string, from: number, to: number) =>
    from === to ? [] : [`Setting ${what} from ${from} to ${to}`];
  return {
    min: newMin,
    max: newMax,
    desired: newDesired,
    changes: [
      ...change("min size", group.min, newMin),
      ...change("max size", group.max, newMax),
      ...change("desired capacity", group.desired, newDesired),
    ],
  };
}
