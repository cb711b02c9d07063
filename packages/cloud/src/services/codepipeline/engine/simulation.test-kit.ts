import type { Definition } from "../model/definition.ts";
import type { Effect, Execution, Flow, Happening, Outcome, World } from "./state.ts";
import { freshFlow } from "./state.ts";
import { transition } from "./transition.ts";

/** A pipeline of a test's own: what the engine asks for is kept, nothing of it is done. */
export interface Simulation {
  readonly executions: Map<string, Execution>;
  readonly effects: Effect[];
  flow(): Flow;
  happen(happening: Happening): Outcome;
  /** Starts an execution. @returns its id */
  start(): string;
  /** Runs that were asked for and have not ended. */
  outstanding(): readonly Extract<Effect, { kind: "run-action" | "run-rule" }>[];
  /** Ends what a run effect asked for. */
  end(run: Extract<Effect, { kind: "run-action" | "run-rule" }>, passed?: boolean): Outcome;
  /** Ends the one outstanding run of that action or rule. */
  finish(name: string, passed?: boolean): Outcome;
  status(id: string): string | undefined;
}

export function simulate(definition: Definition): Simulation {
  const executions = new Map<string, Execution>();
  const effects: Effect[] = [];
  let flow = freshFlow(definition);
  let ids = 0;
  let started = 0;
  const world: World = {
    definition,
    get flow() {
      return flow;
    },
    execution: (id) => executions.get(id),
  };
  const own: Simulation = {
    executions,
    effects,
    flow: () => flow,
    happen(happening) {
      const outcome = transition(world, happening, { now: effects.length, newId: () => `run-${++ids}` });
      if (outcome.kind === "changed") {
        flow = outcome.flow;
        for (const execution of outcome.executions) executions.set(execution.id, execution);
        effects.push(...outcome.effects);
      }
      return outcome;
    },
    start() {
      const executionId = `e${++started}`;
      own.happen({
        kind: "start",
        executionId,
        trigger: { type: "StartPipelineExecution", detail: "" },
        variables: {},
        sourceOverrides: [],
      });
      return executionId;
    },
    outstanding() {
      return effects.filter((effect): effect is Extract<Effect, { kind: "run-action" | "run-rule" }> => {
        if (effect.kind !== "run-action" && effect.kind !== "run-rule") return false;
        const stage = executions.get(effect.executionId)?.stages.find(({ name }) => name === effect.stage);
        const run =
          effect.kind === "run-action"
            ? stage?.actions[effect.action]
            : stage?.conditions[effect.condition]?.rules[effect.rule];
        return run?.id === effect.run.id && run.status === "InProgress";
      });
    },
    end(run, passed = true) {
      const {
        executionId,
        stage,
        run: { id: runId },
      } = run;
      if (run.kind === "run-rule")
        return own.happen({ kind: "rule-ended", executionId, stage, rule: run.rule, runId, passed });
      const result = passed
        ? ({ status: "succeeded", variables: {}, artifacts: [] } as const)
        : ({ status: "failed" } as const);
      return own.happen({ kind: "action-ended", executionId, stage, action: run.action, runId, result });
    },
    finish(name, passed) {
      const [run] = own
        .outstanding()
        .filter((effect) => (effect.kind === "run-action" ? effect.action : effect.rule) === name);
      if (run === undefined) throw new Error(`${name} is not running`);
      return own.end(run, passed);
    },
    status: (id) => executions.get(id)?.status,
  };
  return own;
}

/** A stage as tests write it: actions by name, conditions as they are declared. */
export interface DescribedStage {
  readonly actions: readonly string[];
  readonly beforeEntry?: object;
  readonly onSuccess?: object;
  readonly onFailure?: object;
}

/** A definition as validation leaves it, of stages with actions `name` or `name/runOrder`. */
export function pipelineOf(
  mode: "SUPERSEDED" | "QUEUED" | "PARALLEL",
  stages: Readonly<Record<string, DescribedStage>>,
): Definition {
  return {
    name: "test",
    roleArn: "arn:aws:iam::000000000000:role/pipeline",
    version: 1,
    executionMode: mode,
    stages: Object.entries(stages).map(([name, { actions, ...rest }]) => ({
      name,
      actions: actions.map((text) => {
        const [action = "", runOrder = "1"] = text.split("/");
        return {
          name: action,
          runOrder: Number(runOrder),
          actionTypeId: { category: "Build", owner: "AWS", provider: "CodeBuild", version: "1" },
        };
      }),
      ...rest,
    })),
  } as object as Definition;
}

/** A condition with one rule. */
export function conditionOf(rule: string, result: "FAIL" | "SKIP" | "ROLLBACK") {
  return {
    conditions: [
      {
        result,
        rules: [
          { name: rule, ruleTypeId: { category: "Rule", owner: "AWS", provider: "VariableCheck", version: "1" } },
        ],
      },
    ],
  };
}
