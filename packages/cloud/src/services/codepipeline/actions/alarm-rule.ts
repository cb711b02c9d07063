import type { Millis } from "@trysail/core";
import { ruleFailed } from "./provider.ts";
import type { Provider, Step } from "./provider.ts";

const minuteMs = 60_000;

/** What the rule monitors an alarm for. */
interface Watch {
  readonly alarm: string;
  readonly state: string;
  /** The states that keep the condition from being met. */
  readonly unwanted: readonly string[];
  readonly isEntry: boolean;
  readonly now: Millis;
  /** The end of the wait time. */
  readonly until: Millis;
}

/**
 * How a watch stands. Before a stage, an alarm in an unwanted state has until the end of the wait time to leave it. After
 * a stage, the alarm is watched for that time, and must not come into such a state.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-CloudWatchAlarm.html
 */
export function alarmVerdict({ alarm, state, unwanted, isEntry, now, until }: Watch): Step {
  const summary = `The CloudWatch alarm ${alarm} is in the state ${state}.`;
  const isUnwanted = unwanted.includes(state);
  // What cannot change the verdict any more is not waited for.
  if (now < until && isUnwanted === isEntry) return { status: "waiting", wakeAt: until, summary };
  return isUnwanted
    ? { status: "failed", code: ruleFailed, message: summary, summary }
    : { status: "succeeded", summary };
}

/** Watches an alarm. */
export const cloudWatchAlarm: Provider = {
  async step({ input, acting, record }) {
    const { AlarmName: name = "", AlarmStates: states = "ALARM", WaitTime: minutes = "0" } = input.configuration;
    const { MetricAlarms = [], CompositeAlarms = [] } = await acting.call.monitoring.describeAlarms({
      AlarmNames: [name],
      AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
    });
    const [alarm] = [...MetricAlarms, ...CompositeAlarms];
    if (alarm === undefined)
      return { status: "failed", code: "ConfigurationError", message: `There is no CloudWatch alarm ${name}.` };
    const { subject } = record;
    const step = alarmVerdict({
      alarm: name,
      state: alarm.StateValue ?? "",
      unwanted: states.split(",").map((state) => state.trim()),
      isEntry: subject.kind === "rule" && subject.condition === "beforeEntry",
      now: acting.now,
      until: record.startedAt + Number(minutes) * minuteMs,
    });
    return step.status === "waiting" ? { ...step, awaits: ["alarm", alarm.AlarmArn ?? ""] } : step;
  },
};
