import type { Definition, Stage } from "../model/definition.ts";
import type {
  Effect,
  Environment,
  Execution,
  Flow,
  PipelineEventState,
  Refusal,
  RefusalCode,
  Run,
  StageEventState,
  StageFlow,
  StageRun,
  World,
} from "./state.ts";

/** A change in the making: copies of what it touches, and what is to be done about it. */
export interface Draft {
  readonly definition: Definition;
  readonly flow: Flow;
  readonly effects: Effect[];
  readonly environment: Environment;
  /** The executions that were looked at, by id. */
  readonly touched: Map<string, Execution>;
  readonly world: World;
}

export function draftOf(world: World, environment: Environment): Draft {
  return {
    definition: world.definition,
    flow: structuredClone(world.flow),
    effects: [],
    environment,
    touched: new Map(),
    world,
  };
}

export function find(draft: Draft, id: string): Execution | undefined {
  const own = draft.touched.get(id);
  if (own !== undefined) return own;
  const stored = draft.world.execution(id);
  if (stored === undefined) return undefined;
  const copy = structuredClone(stored);
  draft.touched.set(id, copy);
  return copy;
}

/** For ids that the flow itself names. */
export function executionOf(draft: Draft, id: string): Execution {
  const execution = find(draft, id);
  if (execution === undefined) throw new Error(`the pipeline's flow names the execution ${id}, which is not there`);
  return execution;
}

export function refuse(code: RefusalCode, message: string): Refusal {
  return { kind: "refused", code, message };
}

/** One stage as a transition looks at it: what is declared, what is shared, what this execution has done. */
export interface At {
  readonly index: number;
  readonly declared: Stage;
  readonly flow: StageFlow;
  readonly run: StageRun;
  readonly execution: Execution;
}

export function at(draft: Draft, execution: Execution, index: number): At {
  const declared = draft.definition.stages[index];
  const flow = draft.flow.stages[index];
  const run = execution.stages[index];
  if (declared === undefined || flow === undefined || run === undefined)
    throw new Error(`execution ${execution.id} has no stage ${index}`);
  return { index, declared, flow, run, execution };
}

export const isParallel = (draft: Draft): boolean => draft.definition.executionMode === "PARALLEL";

export function newRun(draft: Draft): Run {
  return { id: draft.environment.newId(), number: ++draft.flow.runs, status: "InProgress" };
}

export function tellPipeline(draft: Draft, execution: Execution, state: PipelineEventState): void {
  execution.updatedAt = draft.environment.now;
  draft.effects.push({ kind: "pipeline-event", executionId: execution.id, state });
}

export function tellStage(draft: Draft, { execution, run }: At, state: StageEventState): void {
  execution.updatedAt = draft.environment.now;
  draft.effects.push({ kind: "stage-event", executionId: execution.id, stage: run.name, state });
}

export function running(stage: StageRun): readonly [name: string, run: Run][] {
  return Object.entries(stage.actions).filter(([, run]) => run.status === "InProgress");
}
