import { defineService } from "../../kernel/service.ts";
import { operations } from "./controller.ts";
import { notices } from "./notices.ts";
import * as changeSets from "./operations/change-sets.ts";
import { describeStacks, listStacks } from "./operations/describe-stacks.ts";
import * as events from "./operations/events.ts";
import * as exported from "./operations/exports.ts";
import * as resources from "./operations/stack-resources.ts";
import {
  cancelUpdateStack,
  continueUpdateRollback,
  createStack,
  deleteStack,
  rollbackStack,
  updateStack,
  updateTerminationProtection,
} from "./operations/stacks.ts";
import { signalResource } from "./operations/signal-resource.ts";
import * as templates from "./operations/templates.ts";
import { customAnswers } from "./custom/answer-route.ts";
import { customResource } from "./custom/custom-resource.ts";
import { cdkMetadata, waitConditionHandle } from "./resources/inert.ts";
import { nestedStack } from "./resources/stack.ts";
import type { Sdk } from "./sdk.ts";
import { happenings } from "./signals.ts";
import { tables } from "./store.ts";

export const cloudformation = defineService<Sdk>({
  id: "cloudformation",
  scope: "regional",
  tables,
  operations: {
    ...changeSets,
    ...events,
    ...exported,
    ...resources,
    ...templates,
    cancelUpdateStack,
    continueUpdateRollback,
    createStack,
    deleteStack,
    describeStacks,
    listStacks,
    rollbackStack,
    signalResource,
    updateStack,
    updateTerminationProtection,
  },
  controllers: [notices, operations],
  subscriptions: [happenings],
  routes: [customAnswers],
  resources: {
    "AWS::CDK::Metadata": cdkMetadata,
    "AWS::CloudFormation::CustomResource": customResource,
    "AWS::CloudFormation::Stack": nestedStack,
    "AWS::CloudFormation::WaitConditionHandle": waitConditionHandle,
    "Custom::*": customResource,
  },
});
