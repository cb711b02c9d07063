import type { RuleState, Target as TargetShape } from "@aws-sdk/client-eventbridge";
import type { Millis } from "@trysail/core";
import type { DeliveredEvent } from "../../kernel/context.ts";
import type { Tags } from "../../kernel/tags.ts";

export const defaultBus = "default";

export interface Bus {
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  /** JSON. */
  readonly policy: string | undefined;
  readonly createdAt: Millis;
  readonly changedAt: Millis;
  readonly tags: Tags;
}

export interface Rule {
  readonly bus: string;
  readonly name: string;
  readonly arn: string;
  /** JSON. */
  readonly pattern: string | undefined;
  readonly schedule: string | undefined;
  readonly state: RuleState;
  readonly description: string | undefined;
  readonly roleArn: string | undefined;
  readonly createdBy: string;
  readonly createdAt: Millis;
  readonly tags: Tags;
}

export const isEnabled = ({ state }: Pick<Rule, "state">) => state !== "DISABLED";

/** A target as PutTargets was given it. */
export type Target = TargetShape & { readonly Id: string; readonly Arn: string };

/** An event on its way to a target. */
export interface Delivery {
  readonly event: DeliveredEvent;
  readonly rule: string;
  readonly since: Millis;
  readonly dueAt: Millis;
  readonly failures: number;
}

/** An event as targets get it. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html */
export interface EventJson {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

export function eventJson({
  id,
  detailType,
  source,
  account,
  time,
  region,
  resources,
  detail,
}: DeliveredEvent): EventJson {
  return {
    version: "0",
    id,
    "detail-type": detailType,
    source,
    account,
    // To the second.
    time: new Date(time).toISOString().replace(/\.\d+Z$/, "Z"),
    region,
    resources: resources ?? [],
    detail,
  };
}

/** How long to wait after so many failures: doubled each time, from a second up to ten minutes. */
export function retryAfterMs(failures: number): Millis {
  return Math.min(600_000, 1000 * 2 ** Math.min(20, failures - 1));
}

const defaults = { attempts: 185, ageSeconds: 86_400 } as const;

/** When a delivery that has failed is tried again; undefined if it is given up. */
export function nextAttempt(
  { RetryPolicy: policy }: Pick<Target, "RetryPolicy">,
  delivery: Pick<Delivery, "since">,
  failures: number,
  now: Millis,
): Millis | undefined {
  if (failures > (policy?.MaximumRetryAttempts ?? defaults.attempts)) return undefined;
  const dueAt = now + retryAfterMs(failures);
  return dueAt > delivery.since + (policy?.MaximumEventAgeInSeconds ?? defaults.ageSeconds) * 1000 ? undefined : dueAt;
}
