import type { Millis } from "@trysail/core";
import { isSuspended } from "../model/group.ts";
import type { Group } from "../model/group.ts";
import type { Hook, HookTransition } from "../model/hook.ts";
import { isDead } from "../model/instance.ts";
import type { GroupInstance, HealthVerdict } from "../model/instance.ts";
import { later, nothing, now, together } from "./step.ts";
import type { Plan } from "./step.ts";
import { leave, planTargets } from "./targets.ts";

/**
 * What is to be done for one instance by itself: it comes into service, is found unhealthy, goes. How many there are to
 * be is decided elsewhere.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html
 */
export function planInstance(group: Group, hooks: readonly Hook[], instance: GroupInstance, time: Millis): Plan {
  switch (instance.lifecycle) {
    case "Pending": {
      if (isDead(instance)) return now({ do: "abandon-launch", instance });
      if (instance.ec2 === "pending") return nothing;
      const launching = hooksFor(hooks, "autoscaling:EC2_INSTANCE_LAUNCHING");
      if (launching.length > 0) return now({ do: "wait-for-hooks", instance, hooks: launching });
      return now({ do: "serve", instance });
    }
    case "Pending:Wait":
      if (isDead(instance)) return now({ do: "abandon-launch", instance });
      return waitForHooks(instance, "Pending:Proceed", time);
    case "Pending:Proceed":
      if (isDead(instance)) return now({ do: "abandon-launch", instance });
      return instance.ec2 === "pending" ? nothing : now({ do: "serve", instance });
    case "InService": {
      const { verdict, judgedAt } = judge(group, instance, time);
      if (verdict !== undefined) return now({ do: "mark-unhealthy", instance, verdict });
      const targets = planTargets(group, instance, time);
      return together(targets, judgedAt === undefined ? nothing : later(judgedAt));
    }
    case "EnteringStandby": {
      const { left, plan } = leave(instance, Object.keys(instance.targets), time);
      return left ? now({ do: "stand-by", instance }) : plan;
    }
    case "Standby":
      return nothing;
    case "Detaching": {
      const { left, plan } = leave(instance, Object.keys(instance.targets), time);
      return left ? now({ do: "let-go", instance }) : plan;
    }
    case "Terminating": {
      const { left, plan } = leave(instance, Object.keys(instance.targets), time);
      if (plan.steps.length > 0) return plan;
      if (!left && !instance.atOnce) return plan;
      const terminating = instance.atOnce ? [] : hooksFor(hooks, "autoscaling:EC2_INSTANCE_TERMINATING");
      if (terminating.length > 0) return now({ do: "wait-for-hooks", instance, hooks: terminating });
      return now({ do: "move", instance, to: "Terminating:Proceed" });
    }
    case "Terminating:Wait":
      if (instance.atOnce) return now({ do: "move", instance, to: "Terminating:Proceed" });
      return waitForHooks(instance, "Terminating:Proceed", time);
    case "Terminating:Proceed":
      if (instance.ec2 === "terminated") return now({ do: "let-go", instance });
      return instance.ec2 === "shutting-down" ? nothing : now({ do: "terminate", instance });
    default:
      return instance.lifecycle satisfies never;
  }
}

/**
 * Whether an instance in service is found unhealthy now, or may be at a time that is known already.
 *
 * One that EC2 does not run is unhealthy at once; what its load balancers say counts when its grace period has ended.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html
 */
function judge(
  group: Group,
  instance: GroupInstance,
  time: Millis,
): { readonly verdict: HealthVerdict | undefined; readonly judgedAt: Millis | undefined } {
  const none = { verdict: undefined, judgedAt: undefined };
  if (instance.unhealthy !== undefined || isSuspended(group, "HealthCheck")) return none;
  if (isDead(instance)) return { verdict: "ec2", judgedAt: undefined };
  const fails = Object.values(instance.targets).some((state) => state === "unhealthy");
  if (!group.checksElb || !fails) return none;
  const graceEnds = (instance.inServiceAt ?? time) + group.graceSeconds * 1000;
  return time < graceEnds ? { verdict: undefined, judgedAt: graceEnds } : { verdict: "elb", judgedAt: undefined };
}

function hooksFor(hooks: readonly Hook[], transition: HookTransition): readonly Hook[] {
  return hooks.filter((hook) => hook.transition === transition);
}

function waitForHooks(instance: GroupInstance, to: "Pending:Proceed" | "Terminating:Proceed", time: Millis): Plan {
  if (instance.waits.length === 0) return now({ do: "move", instance, to });
  const overdue = instance.waits.filter((wait) => dueAt(wait) <= time);
  if (overdue.length > 0) return now({ do: "time-out", instance, waits: overdue });
  return later(Math.min(...instance.waits.map(dueAt)));
}

const dueAt = ({ deadline, lastDeadline }: GroupInstance["waits"][number]) => Math.min(deadline, lastDeadline);
