import { windowState } from "../model/deployment-window.ts";
import { ruleFailed } from "./provider.ts";
import type { Provider } from "./provider.ts";

/** @see https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-VariableCheck.html */
export const variableCheck: Provider = {
  step({ input }) {
    const { Variable: variable = "", Value: value = "", Operator: operator = "" } = input.configuration;
    const isMet = compare(variable, operator, value);
    const summary = `'${variable}' ${operator} '${value}' is ${isMet ? "true" : "false"}`;
    return Promise.resolve(
      isMet ? { status: "succeeded", summary } : { status: "failed", code: ruleFailed, message: summary, summary },
    );
  },
};

function compare(variable: string, operator: string, value: string): boolean {
  switch (operator) {
    case "EQ":
      return variable === value;
    case "NE":
      return variable !== value;
    case "CONTAINS":
      return variable.includes(value);
    case "MATCHES":
      return new RegExp(`^(?:${value})$`, "su").test(variable);
    default:
      throw new Error(`VariableCheck has no operator ${operator}.`);
  }
}

/** Waits until the window opens. @see https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-DeploymentWindow.html */
export const deploymentWindow: Provider = {
  step({ input, home }) {
    const { Cron: cron = "", TimeZone: zone = "UTC" } = input.configuration;
    const state = windowState(cron, zone, home.now);
    switch (state.kind) {
      case "open":
        return Promise.resolve({ status: "succeeded", summary: "The deployment window is open." });
      case "opens":
        return Promise.resolve({
          status: "waiting",
          wakeAt: state.at,
          summary: `The deployment window opens at ${new Date(state.at).toISOString()}.`,
        });
      case "never":
        return Promise.resolve({
          status: "failed",
          code: ruleFailed,
          message: `The deployment window ${cron} never opens again.`,
        });
    }
  },
};
