import type { ProbeFunction } from "../health/health-check.ts";
import type { Finding } from "../health/health-state.ts";
import { matchesStatus } from "../health/matcher.ts";
import type { InvokeFunction } from "../proxy/lambda-exchange.ts";
import { lambdaAnswer, lambdaEvent } from "./lambda-event.ts";

/**
 * Health checks of functions: each one invokes it.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html#enable-health-checks-lambda
 */
export function functionProbe(invoke: InvokeFunction): ProbeFunction {
  return ({ functionArn, targetGroupArn, check }, found) => {
    let isOver = false;
    const end = (finding: Finding) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      found(finding);
    };
    const timer = setTimeout(() => end({ kind: "timeout" }), check.timeoutMs);
    const event = lambdaEvent({
      head: { method: "GET", path: check.path, query: undefined },
      headers: [{ lower: "user-agent", value: "ELB-HealthChecker/2.0" }],
      body: Buffer.alloc(0),
      targetGroupArn,
      multiValueHeaders: false,
    });
    invoke(functionArn, JSON.stringify(event), (payload) => {
      const answer = payload === undefined ? undefined : lambdaAnswer(payload, false);
      if (answer === undefined) end({ kind: "failed" });
      else if (matchesStatus(check.matcher, answer.status)) end({ kind: "healthy" });
      else end({ kind: "mismatch", status: answer.status });
    });
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  };
}
