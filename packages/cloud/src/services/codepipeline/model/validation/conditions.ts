import type { Result } from "@aws-sdk/client-codepipeline";
import { errors } from "../../errors.ts";
import { windowMistake } from "../deployment-window.ts";
import { rulesOf } from "../definition.ts";
import type { Rule, Stage } from "../definition.ts";
import { ruleType } from "../rule-types.ts";
import { referencesIn } from "../variables.ts";
import { checkConfiguration, commandsMistake } from "./actions.ts";
import { repeated } from "./constraints.ts";

const results: Readonly<Record<"beforeEntry" | "onSuccess" | "onFailure", readonly Result[]>> = {
  beforeEntry: ["FAIL", "SKIP"],
  onSuccess: ["FAIL", "ROLLBACK"],
  onFailure: ["FAIL", "ROLLBACK"],
};
const mostRules = 5;

/** @throws AwsError `InvalidStageDeclarationException`, naming the stage and the condition or rule */
export function validateConditions(stage: Stage, index: number, mode: string): void {
  const wrong = (message: string) => errors.InvalidStageDeclarationException(`Stage '${stage.name}': ${message}`);
  for (const kind of ["beforeEntry", "onSuccess", "onFailure"] as const) {
    const conditions = stage[kind]?.conditions;
    if (conditions === undefined && kind !== "onFailure" && stage[kind] !== undefined)
      throw wrong(`${kind} has no conditions`);
    if (conditions === undefined) continue;
    if (conditions.length !== 1) throw wrong(`${kind} has ${conditions.length} conditions; it must have exactly 1`);
    for (const { result, rules = [] } of conditions) {
      const count = rules?.length ?? 0;
      if (count < 1 || count > mostRules)
        throw wrong(`a condition of ${kind} has ${count} rules; it must have 1 to ${mostRules}`);
      if (result !== undefined && !results[kind].includes(result))
        throw wrong(`${kind} cannot have the result ${result}; it can have ${results[kind].join(" or ")}`);
    }
    const [twice] = repeated(rulesOf(stage, kind).map(({ name }) => name));
    if (twice !== undefined) throw wrong(`${kind} has more than one rule with the name '${twice}'`);
    for (const rule of rulesOf(stage, kind)) validateRule(rule, wrong);
  }
  const { onFailure } = stage;
  if (onFailure?.result === "SKIP")
    throw wrong("onFailure cannot have the result SKIP; it can have FAIL, RETRY or ROLLBACK");
  if (onFailure?.retryConfiguration !== undefined && onFailure.result !== "RETRY")
    throw wrong("onFailure has a retryConfiguration, but its result is not RETRY");
  const rollsBack = [
    stage.onSuccess?.conditions[0]?.result,
    onFailure?.result,
    onFailure?.conditions?.[0]?.result,
  ].includes("ROLLBACK");
  if (rollsBack && index === 0) throw wrong("a source stage cannot be rolled back");
  if (rollsBack && mode === "PARALLEL") throw wrong("a pipeline in PARALLEL mode cannot be rolled back");
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, "u") instanceof RegExp;
  } catch {
    return false;
  }
}

function validateRule(rule: Rule, wrong: (message: string) => Error): void {
  const { name, ruleTypeId } = rule;
  const { provider, owner = "AWS", category, version = "1" } = ruleTypeId;
  const facts = ruleType(provider);
  if (facts === undefined || owner !== "AWS" || category !== "Rule" || version !== "1") {
    throw wrong(
      `the rule type (Category: '${category}', Provider: '${provider}', Owner: '${owner}', Version: '${version}') of rule '${name}' is not available`,
    );
  }
  const configuration = rule.configuration ?? {};
  checkConfiguration(`rule '${name}'`, configuration, facts.configuration, wrong);
  const count = rule.inputArtifacts?.length ?? 0;
  if (count > facts.inputs[1])
    throw wrong(
      `rule '${name}' declares ${count} input artifacts; a ${provider} rule takes ${facts.inputs[1]} at most`,
    );
  if (count > 1 && "PrimarySource" in facts.configuration && configuration["PrimarySource"] === undefined)
    throw wrong(`rule '${name}' has more than one input artifact, and no PrimarySource`);
  switch (provider) {
    case "Commands": {
      if (rule.commands === undefined || rule.commands.length === 0)
        throw wrong(`rule '${name}' must have a non-empty commands field`);
      const mistake = commandsMistake(rule.commands);
      if (mistake !== undefined) throw wrong(`rule '${name}' ${mistake}`);
      return;
    }
    case "DeploymentWindow": {
      const { Cron = "", TimeZone = "UTC" } = configuration;
      if (referencesIn(Cron + TimeZone).length > 0) return;
      const mistake = windowMistake(Cron, TimeZone);
      if (mistake !== undefined) throw wrong(`rule '${name}' has no valid window: ${mistake}`);
      return;
    }
    case "VariableCheck": {
      const { Operator, Value = "" } = configuration;
      if (Operator !== "MATCHES" || referencesIn(Value).length > 0) return;
      if (!isPattern(Value)) {
        throw wrong(`rule '${name}' has a Value that is not a regular expression: ${Value}`);
      }
      return;
    }
    default:
      return;
  }
}
