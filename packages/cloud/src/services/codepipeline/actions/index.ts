import { actionTypeKey } from "../model/action-types.ts";
import type { Action, Rule } from "../model/definition.ts";
import { cloudWatchAlarm } from "./alarm-rule.ts";
import { approval } from "./approval.ts";
import { cloudFormation } from "./cloudformation.ts";
import { codeBuild } from "./codebuild.ts";
import { commands } from "./commands.ts";
import { custom } from "./custom.ts";
import { ecs } from "./ecs.ts";
import { codeCommit, connection, gitHub } from "./git-source.ts";
import { invokePipeline } from "./invoke-pipeline.ts";
import { lambda } from "./lambda.ts";
import type { Provider } from "./provider.ts";
import { deploymentWindow, variableCheck } from "./rules.ts";
import { s3Deploy } from "./s3-deploy.ts";
import { s3Source } from "./s3-source.ts";

const actions: Readonly<Record<string, Provider>> = {
  "Source/AWS/S3/1": s3Source,
  "Source/AWS/CodeCommit/1": codeCommit,
  "Source/AWS/CodeStarSourceConnection/1": connection,
  "Source/ThirdParty/GitHub/1": gitHub,
  "Build/AWS/CodeBuild/1": codeBuild,
  "Test/AWS/CodeBuild/1": codeBuild,
  "Compute/AWS/Commands/1": commands,
  "Deploy/AWS/S3/1": s3Deploy,
  "Deploy/AWS/CloudFormation/1": cloudFormation,
  "Deploy/AWS/ECS/1": ecs,
  "Approval/AWS/Manual/1": approval,
  "Invoke/AWS/CodePipeline/1": invokePipeline,
  "Invoke/AWS/Lambda/1": lambda,
};

const rules: Readonly<Record<string, Provider>> = {
  CloudWatchAlarm: cloudWatchAlarm,
  CodeBuild: codeBuild,
  Commands: commands,
  DeploymentWindow: deploymentWindow,
  LambdaInvoke: lambda,
  VariableCheck: variableCheck,
};

/** What carries out an action or a rule. */
export function providerOf(declared: Action | Rule): Provider {
  if ("ruleTypeId" in declared) return found(rules[declared.ruleTypeId.provider], declared.ruleTypeId.provider);
  const { actionTypeId } = declared;
  return actionTypeId.owner === "Custom"
    ? custom
    : found(actions[actionTypeKey(actionTypeId)], actionTypeKey(actionTypeId));
}

function found(provider: Provider | undefined, name: string): Provider {
  if (provider === undefined) throw new Error(`nothing carries out ${name}`);
  return provider;
}
