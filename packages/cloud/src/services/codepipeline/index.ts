import { defineService } from "../../kernel/service.ts";
import { putApprovalResult } from "./operations/approvals.ts";
import {
  getPipelineExecution,
  listPipelineExecutions,
  startPipelineExecution,
  stopPipelineExecution,
} from "./operations/executions.ts";
import { getPipelineState } from "./operations/get-pipeline-state.ts";
import { listActionExecutions, listRuleExecutions } from "./operations/history.ts";
import {
  acknowledgeJob,
  getJobDetails,
  pollForJobs,
  putJobFailureResult,
  putJobSuccessResult,
} from "./operations/jobs.ts";
import { createPipeline, deletePipeline, getPipeline, listPipelines, updatePipeline } from "./operations/pipelines.ts";
import {
  disableStageTransition,
  enableStageTransition,
  overrideStageCondition,
  retryStageExecution,
  rollbackStage,
} from "./operations/stages.ts";
import { listTagsForResource, tagResource, untagResource } from "./operations/tags.ts";
import { createCustomActionType, deleteCustomActionType, listActionTypes, listRuleTypes } from "./operations/types.ts";
import {
  deleteWebhook,
  deregisterWebhookWithThirdParty,
  listWebhooks,
  putWebhook,
  registerWebhookWithThirdParty,
} from "./operations/webhooks.ts";
import { customActionType } from "./resources/custom-action-type.ts";
import { pipeline } from "./resources/pipeline.ts";
import { webhook } from "./resources/webhook.ts";
import { runs } from "./runs.ts";
import type { Sdk } from "./sdk.ts";
import { tables } from "./store.ts";
import { objects, pushes, wakes } from "./watching.ts";
import { webhookRoute } from "./webhook.ts";

export const codepipeline = defineService<Sdk>({
  id: "codepipeline",
  scope: "regional",
  tables,
  operations: {
    acknowledgeJob,
    createCustomActionType,
    createPipeline,
    deleteCustomActionType,
    deletePipeline,
    deleteWebhook,
    deregisterWebhookWithThirdParty,
    disableStageTransition,
    enableStageTransition,
    getJobDetails,
    getPipeline,
    getPipelineExecution,
    getPipelineState,
    listActionExecutions,
    listActionTypes,
    listPipelineExecutions,
    listPipelines,
    listRuleExecutions,
    listRuleTypes,
    listTagsForResource,
    listWebhooks,
    overrideStageCondition,
    pollForJobs,
    putApprovalResult,
    putJobFailureResult,
    putJobSuccessResult,
    putWebhook,
    registerWebhookWithThirdParty,
    retryStageExecution,
    rollbackStage,
    startPipelineExecution,
    stopPipelineExecution,
    tagResource,
    untagResource,
    updatePipeline,
  },
  controllers: [runs],
  subscriptions: [pushes, objects, wakes],
  routes: [webhookRoute],
  resources: {
    "AWS::CodePipeline::CustomActionType": customActionType,
    "AWS::CodePipeline::Pipeline": pipeline,
    "AWS::CodePipeline::Webhook": webhook,
  },
});
