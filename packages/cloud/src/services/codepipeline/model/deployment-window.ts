import { Cron } from "croner";
import type { Millis } from "@trysail/core";

const minuteMs = 60_000;

/** What a deployment window says about an instant. */
export type WindowState =
  | { readonly kind: "open" }
  | { readonly kind: "opens"; readonly at: Millis }
  /** The expression names no time that is still to come. */
  | { readonly kind: "never" };

/**
 * A window's expression as the cron library reads it: seconds are always any, and Quartz counts the days of the week
 * from 1 = Sunday.
 *
 * @throws Error for an expression that is not one
 */
function schedule(expression: string, timeZone: string): Cron {
  const fields = expression.trim().split(/\s+/);
  if (fields.length < 6 || fields.length > 7)
    throw new Error(`"${expression}" has ${fields.length} fields; it needs 6, or 7 with the year`);
  const [, minutes = "", hours = "", dayOfMonth = "", month = "", dayOfWeek = "", year = "*"] = fields;
  const days = dayOfWeek.replaceAll(/(?<![#/\w])\d/g, (day) => String(Number(day) - 1));
  const parts = ["0", minutes, hours, dayOfMonth, month, days, year];
  return new Cron(parts.map((part) => (part === "?" ? "*" : part)).join(" "), {
    timezone: timeZone,
    paused: true,
    domAndDow: true,
    sloppyRanges: true,
  });
}

/**
 * Whether the window is open at a time, and if not, when it opens. A window is open in each minute that its expression
 * names.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-DeploymentWindow.html
 */
export function windowState(expression: string, timeZone: string, now: Millis): WindowState {
  const thisMinute = Math.floor(now / minuteMs) * minuteMs;
  const next = schedule(expression, timeZone).nextRun(new Date(thisMinute - 1000));
  if (next === null) return { kind: "never" };
  return next.getTime() <= thisMinute ? { kind: "open" } : { kind: "opens", at: next.getTime() };
}

/** What is wrong with a window; undefined if nothing is. */
export function windowMistake(expression: string, timeZone: string): string | undefined {
  try {
    schedule(expression, timeZone).nextRun(new Date(0));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
