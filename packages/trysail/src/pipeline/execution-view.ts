import type {
  ActionExecutionDetail,
  PipelineDeclaration,
  PipelineExecution,
  StageState,
} from "@aws-sdk/client-codepipeline";

/** `NotStarted` is our own word for what AWS leaves out. */
export type ViewStatus = string;

/** One action of an execution, as a person wants to see it. */
export interface ActionView {
  readonly name: string;
  /** `Build/CodeBuild` */
  readonly provider: string;
  readonly status: ViewStatus;
  readonly startedAt?: Date;
  /** Undefined while it runs. */
  readonly endedAt?: Date;
  /** What the action tells of itself: a commit's message, a build's result. */
  readonly summary?: string;
  readonly error?: string;
  readonly url?: string;
  /** The build's id, of an action that builds. */
  readonly externalId?: string;
  readonly logStreamArn?: string;
  readonly waitsFor?: string;
}

export interface StageView {
  readonly name: string;
  readonly status: ViewStatus;
  /** Why the execution does not go into the stage. */
  readonly waitsFor?: string;
  readonly actions: readonly ActionView[];
}

export interface ExecutionView {
  readonly pipeline: string;
  readonly executionId: string;
  readonly status: ViewStatus;
  readonly statusSummary?: string;
  /** `4f2a1c9 Fix the headline`, of each source. */
  readonly revisions: readonly string[];
  readonly stages: readonly StageView[];
}

/** What AWS tells of an execution, in the replies of several operations. */
export interface ExecutionFacts {
  readonly definition: PipelineDeclaration;
  readonly execution: PipelineExecution;
  readonly stageStates: readonly StageState[];
  /** Newest first, as they are listed. */
  readonly actionExecutions: readonly ActionExecutionDetail[];
}

const overStatuses = new Set(["Succeeded", "Failed", "Stopped", "Superseded", "Cancelled"]);

export function isOver({ status }: Pick<ExecutionView, "status">): boolean {
  return overStatuses.has(status);
}

export function viewOf({ definition, execution, stageStates, actionExecutions }: ExecutionFacts): ExecutionView {
  const executionId = execution.pipelineExecutionId ?? "";
  const stages = (definition.stages ?? []).map((stage): StageView => {
    const actions = (stage.actions ?? []).map((action): ActionView => {
      const { category = "", provider = "" } = action.actionTypeId ?? {};
      const ran = actionExecutions.find(
        (detail) => detail.stageName === stage.name && detail.actionName === action.name,
      );
      const base = { name: action.name ?? "", provider: `${category}/${provider}` };
      return ran === undefined ? { ...base, status: "NotStarted" } : { ...base, ...outcomeOf(ran, category) };
    });
    const state = stageStates.find(({ stageName }) => stageName === stage.name);
    const own = state?.latestExecution?.pipelineExecutionId === executionId ? state.latestExecution?.status : undefined;
    const waitsFor = isOver({ status: execution.status ?? "" }) ? undefined : blockOf(state, executionId);
    return {
      name: stage.name ?? "",
      status: own ?? statusOfActions(actions),
      ...(waitsFor === undefined ? {} : { waitsFor }),
      actions,
    };
  });
  return {
    pipeline: definition.name ?? "",
    executionId,
    status: execution.status ?? "InProgress",
    ...(execution.statusSummary === undefined ? {} : { statusSummary: execution.statusSummary }),
    revisions: (execution.artifactRevisions ?? []).map(({ revisionId = "", revisionSummary = "" }) =>
      `${shortRevision(revisionId)} ${firstLine(revisionSummary)}`.trim(),
    ),
    stages,
  };
}

function outcomeOf(
  { status = "InProgress", startTime, lastUpdateTime, output }: ActionExecutionDetail,
  category: string,
): Omit<ActionView, "name" | "provider"> {
  const result = output?.executionResult;
  const isRunning = status === "InProgress";
  const parts = {
    startedAt: startTime,
    endedAt: isRunning ? undefined : lastUpdateTime,
    summary: firstLine(result?.externalExecutionSummary),
    error: result?.errorDetails?.message,
    url: ownUrl(result?.externalExecutionUrl),
    externalId: result?.externalExecutionId,
    logStreamArn: result?.logStreamARN,
    waitsFor: isRunning && category === "Approval" ? "an approval" : undefined,
  };
  return {
    status,
    ...Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined && value !== "")),
  };
}

/** Links to AWS's console, which shows nothing of Trysail's, are of no use. */
function ownUrl(url: string | undefined): string | undefined {
  return url !== undefined && /^https:\/\/([\w-]+\.)*console\.aws\.amazon\.com\//.test(url) ? undefined : url;
}

/** Of a stage through which another execution has gone since. */
function statusOfActions(actions: readonly ActionView[]): ViewStatus {
  const statuses = new Set(actions.map(({ status }) => status));
  if (statuses.has("Failed")) return "Failed";
  if (statuses.has("InProgress")) return "InProgress";
  if (statuses.has("Abandoned")) return "Stopped";
  if (statuses.has("Succeeded")) return statuses.has("NotStarted") ? "InProgress" : "Succeeded";
  return "NotStarted";
}

function blockOf(state: StageState | undefined, executionId: string): string | undefined {
  const inbound = [
    ...(state?.inboundExecutions ?? []),
    ...(state?.inboundExecution === undefined ? [] : [state.inboundExecution]),
  ];
  if (!inbound.some(({ pipelineExecutionId }) => pipelineExecutionId === executionId)) return undefined;
  const transition = state?.inboundTransitionState;
  if (transition?.enabled === false)
    return `the transition into it, which is disabled: ${transition.disabledReason ?? "no reason given"}`;
  const present = state?.latestExecution?.pipelineExecutionId;
  return present === undefined || present === executionId
    ? "its entry"
    : `execution ${shortId(present)}, which is in it`;
}

export function shortId(id: string): string {
  return id.slice(0, 8);
}

function shortRevision(id: string): string {
  return /^[0-9a-f]{40}$/.test(id) ? id.slice(0, 7) : id;
}

function firstLine(text: string | undefined): string {
  return (text ?? "").split("\n", 1)[0] ?? "";
}
