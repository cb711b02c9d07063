import type {
  ConditionExecutionStatus,
  ExecutionMode,
  ExecutionType,
  PipelineExecutionStatus,
  RetryTrigger,
  SourceRevision,
  SourceRevisionType,
  StageExecutionStatus,
  TriggerType,
} from "@aws-sdk/client-codepipeline";
import type { Millis } from "@trysail/core";
import type { Definition } from "../model/definition.ts";

/** The conditions that a stage may have, as the definition calls them. */
export type ConditionKind = "beforeEntry" | "onSuccess" | "onFailure";

export type RunStatus = "InProgress" | "Succeeded" | "Failed" | "Abandoned";

/** The latest run of an action or rule, as the engine needs it. What it does is in a row of its own. */
export interface Run {
  id: string;
  /** Counts the runs of the pipeline: its row's key. */
  number: number;
  status: RunStatus;
}

export interface ConditionRun {
  status: ConditionExecutionStatus;
  changedAt: Millis;
  rules: Record<string, Run>;
}

/** What a stage of an execution is doing. */
export type StageStep =
  | { kind: "not-entered" }
  | { kind: "checking"; condition: ConditionKind }
  /** Running its actions, or waiting for the last of them after one has failed or the execution was told to stop. */
  | { kind: "acting" }
  | { kind: "over" };

export interface StageRun {
  name: string;
  status: StageExecutionStatus | "NotStarted";
  step: StageStep;
  /** The latest run of each action that has been started, by name. */
  actions: Record<string, Run>;
  conditions: Partial<Record<ConditionKind, ConditionRun>>;
  retries: { automatic: number; manual: number; latest: RetryTrigger | undefined };
}

/** Where an action's output lies, in each region that has it. */
export interface StoredArtifact {
  readonly name: string;
  /** Of the object, the same in every region's store. */
  readonly key: string;
  /** The region whose store it was written to first. */
  readonly region: string;
  readonly bucket: string;
  /** Names the source revision in it, for artifacts of source actions. */
  readonly revision: ArtifactSource | undefined;
}

export interface ArtifactSource {
  readonly id: string;
  readonly summary: string | undefined;
  readonly url: string | undefined;
  readonly createdAt: Millis;
}

/** That a source action is to take another revision than its latest. */
export interface SourceOverride {
  readonly actionName: string;
  readonly revisionType: SourceRevisionType;
  readonly revisionValue: string;
  /** The branch that was pushed, where a trigger's filters let in others than the action's own. */
  readonly branch?: string;
}

export interface Execution {
  readonly id: string;
  readonly pipeline: string;
  /** Counts the executions of the pipeline. */
  readonly order: number;
  readonly pipelineVersion: number;
  readonly mode: ExecutionMode;
  readonly type: ExecutionType;
  readonly rollbackTarget: string | undefined;
  readonly trigger: { readonly type: TriggerType; readonly detail: string };
  readonly startedAt: Millis;
  updatedAt: Millis;
  status: PipelineExecutionStatus;
  summary: string | undefined;
  /** 1, and one more for each manual retry. */
  attempt: number;
  stop: { abandon: boolean; reason: string | undefined } | undefined;
  /** The stage that it is in, or waits to enter. Undefined when it has ended. */
  at: { stage: number; waiting: boolean } | undefined;
  /** In the definition's order. */
  stages: StageRun[];
  /** The pipeline's own variables. */
  readonly variables: Readonly<Record<string, string>>;
  readonly sourceOverrides: readonly SourceOverride[];
  /** Output variables, by namespace. */
  outputs: Record<string, Record<string, string>>;
  artifacts: Record<string, StoredArtifact>;
  /** What the source actions have found, by action. */
  revisions: Record<string, SourceRevision>;
}

/** What executions share: who is in a stage, who waits, which transitions are closed. */
export interface StageFlow {
  readonly name: string;
  /** Set while the way in is closed. */
  closed: ClosedTransition | undefined;
  /** Who closed or opened it last. */
  changed: { readonly by: string; readonly at: Millis } | undefined;
  /** Who holds the stage. Never set in PARALLEL mode. */
  occupant: string | undefined;
  /** First come, first in. */
  inbound: string[];
  /** The last one that has entered. */
  latest: string | undefined;
  /** The last standard execution of this version that has succeeded here: what an automatic rollback goes back to. */
  lastSucceeded: string | undefined;
}

export interface ClosedTransition {
  readonly reason: string;
}

export interface Flow {
  stages: StageFlow[];
  /** Executions that wait or hold a stage. */
  live: string[];
  executions: number;
  runs: number;
}

/** Something that has happened to a pipeline. */
export type Happening =
  | {
      readonly kind: "start";
      readonly executionId: string;
      readonly trigger: Execution["trigger"];
      readonly variables: Readonly<Record<string, string>>;
      readonly sourceOverrides: readonly SourceOverride[];
    }
  | {
      readonly kind: "action-ended";
      readonly executionId: string;
      readonly stage: string;
      readonly action: string;
      readonly runId: string;
      readonly result: ActionResult;
    }
  | {
      readonly kind: "rule-ended";
      readonly executionId: string;
      readonly stage: string;
      readonly rule: string;
      readonly runId: string;
      readonly passed: boolean;
      readonly errored?: boolean;
    }
  | {
      readonly kind: "stop";
      readonly executionId: string;
      readonly abandon: boolean;
      readonly reason: string | undefined;
    }
  | {
      readonly kind: "retry";
      readonly executionId: string;
      readonly stage: string;
      readonly mode: "FAILED_ACTIONS" | "ALL_ACTIONS";
    }
  | {
      readonly kind: "rollback";
      readonly executionId: string;
      readonly stage: string;
      readonly targetId: string;
      readonly by: string;
    }
  | {
      readonly kind: "override";
      readonly executionId: string;
      readonly stage: string;
      readonly condition: "beforeEntry" | "onSuccess";
    }
  | { readonly kind: "close-transition"; readonly stage: string; readonly by: string; readonly reason: string }
  | { readonly kind: "open-transition"; readonly stage: string; readonly by: string }
  /** The definition has been replaced (or is about to be removed). The world still has the old one. */
  | { readonly kind: "replaced"; readonly by: Definition };

/** What an action has come to. */
export type ActionResult =
  | {
      readonly status: "succeeded";
      readonly variables: Readonly<Record<string, string>>;
      readonly artifacts: readonly StoredArtifact[];
      /** Of a source action. */
      readonly revision?: Omit<SourceRevision, "actionName">;
    }
  | { readonly status: "failed" };

export type PipelineEventState =
  | "STARTED"
  | "SUCCEEDED"
  | "FAILED"
  | "STOPPING"
  | "STOPPED"
  | "SUPERSEDED"
  | "CANCELED"
  | "RESUMED";
export type StageEventState =
  | "STARTED"
  | "SUCCEEDED"
  | "FAILED"
  | "STOPPING"
  | "STOPPED"
  | "CANCELED"
  | "RESUMED"
  | "SKIPPED";

/** What is to be done, in one transaction with the change of state. */
export type Effect =
  | {
      readonly kind: "run-action";
      readonly executionId: string;
      readonly stage: string;
      readonly action: string;
      readonly run: Run;
    }
  | {
      readonly kind: "abandon-action";
      readonly executionId: string;
      readonly stage: string;
      readonly action: string;
      readonly run: Run;
    }
  | {
      readonly kind: "run-rule";
      readonly executionId: string;
      readonly stage: string;
      readonly condition: ConditionKind;
      readonly rule: string;
      readonly run: Run;
    }
  | { readonly kind: "abandon-rule"; readonly executionId: string; readonly run: Run }
  | { readonly kind: "pipeline-event"; readonly executionId: string; readonly state: PipelineEventState }
  | {
      readonly kind: "stage-event";
      readonly executionId: string;
      readonly stage: string;
      readonly state: StageEventState;
    };

/** What a pipeline's transitions are computed from. */
export interface World {
  readonly definition: Definition;
  readonly flow: Flow;
  execution(id: string): Execution | undefined;
}

/** Error codes with which the engine refuses what it was asked for. */
export type RefusalCode =
  | "ConcurrentPipelineExecutionsLimitExceededException"
  | "ConditionNotOverridableException"
  | "DuplicatedStopRequestException"
  | "NotLatestPipelineExecutionException"
  | "PipelineExecutionNotFoundException"
  | "PipelineExecutionNotStoppableException"
  | "StageNotFoundException"
  | "StageNotRetryableException"
  | "UnableToRollbackStageException";

export interface Refusal {
  readonly kind: "refused";
  readonly code: RefusalCode;
  readonly message: string;
}

export type Outcome =
  | {
      readonly kind: "changed";
      readonly flow: Flow;
      readonly executions: readonly Execution[];
      readonly effects: readonly Effect[];
    }
  | Refusal;

/** What transitions take from outside. */
export interface Environment {
  readonly now: Millis;
  newId(): string;
}

/** The state of a pipeline that has never run; transitions that were closed stay so across versions, by stage name. */
export function freshFlow(definition: Definition, before?: Flow): Flow {
  const old = new Map(before?.stages.map((stage) => [stage.name, stage]));
  return {
    stages: definition.stages.map(({ name }) => ({
      name,
      closed: old.get(name)?.closed,
      changed: old.get(name)?.changed,
      occupant: undefined,
      inbound: [],
      latest: old.get(name)?.latest,
      lastSucceeded: undefined,
    })),
    live: [],
    executions: before?.executions ?? 0,
    runs: before?.runs ?? 0,
  };
}
