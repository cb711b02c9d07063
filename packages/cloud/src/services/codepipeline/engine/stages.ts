import { rulesOf, runOrderGroups } from "../model/definition.ts";
import { at, executionOf, find, isParallel, newRun, running, tellPipeline, tellStage } from "./draft.ts";
import type { At, Draft } from "./draft.ts";
import type { ConditionKind, Execution } from "./state.ts";

/** Lets an execution wait for a stage; in SUPERSEDED mode it takes the place of an older one that waits. */
export function enqueue(draft: Draft, execution: Execution, index: number): void {
  execution.at = { stage: index, waiting: true };
  const { flow } = at(draft, execution, index);
  flow.inbound.push(execution.id);
  if (execution.mode !== "SUPERSEDED") return;
  const newest = flow.inbound.map((id) => executionOf(draft, id)).reduce((a, b) => (b.order > a.order ? b : a));
  for (const id of flow.inbound.filter((waiting) => waiting !== newest.id)) {
    const superseded = executionOf(draft, id);
    superseded.status = "Superseded";
    superseded.summary = `Superseded by the execution ${newest.id}`;
    leave(draft, superseded);
    tellPipeline(draft, superseded, "SUPERSEDED");
  }
}

/** Takes an execution out of the flow: it waits nowhere and holds nothing. */
export function leave(draft: Draft, execution: Execution): void {
  for (const stage of draft.flow.stages) {
    stage.inbound = stage.inbound.filter((id) => id !== execution.id);
    if (stage.occupant === execution.id) stage.occupant = undefined;
  }
  draft.flow.live = draft.flow.live.filter((id) => id !== execution.id);
  execution.at = undefined;
}

/** Lets in whoever may enter, until nobody may. Later stages first, so that an execution makes room for the next. */
export function admit(draft: Draft): void {
  for (let isMoving = true; isMoving;) {
    isMoving = false;
    for (let index = draft.flow.stages.length - 1; index >= 0; index--) {
      const stage = draft.flow.stages[index];
      const [next] = stage?.inbound ?? [];
      if (stage === undefined || next === undefined || stage.closed !== undefined || stage.occupant !== undefined)
        continue;
      enter(draft, at(draft, executionOf(draft, next), index));
      isMoving = true;
    }
  }
}

/** Takes hold of a stage and begins with its entry conditions or its actions. */
export function enter(draft: Draft, here: At): void {
  hold(draft, here);
  here.flow.latest = here.execution.id;
  here.run.status = "InProgress";
  tellStage(draft, here, "STARTED");
  // A rollback is the way out of trouble: conditions do not stand in its way.
  if (here.execution.type === "STANDARD" && rulesOf(here.declared, "beforeEntry").length > 0)
    check(draft, here, "beforeEntry");
  else act(draft, here);
}

/** Makes the execution the one that the stage works for. */
export function hold(draft: Draft, { execution, flow, index }: At): void {
  flow.inbound = flow.inbound.filter((id) => id !== execution.id);
  if (!isParallel(draft)) flow.occupant = execution.id;
  if (!draft.flow.live.includes(execution.id)) draft.flow.live.push(execution.id);
  execution.at = { stage: index, waiting: false };
}

/** Starts the rules of a condition, all at once. */
function check(draft: Draft, here: At, condition: ConditionKind): void {
  const { execution, run, declared } = here;
  run.step = { kind: "checking", condition };
  const rules = rulesOf(declared, condition).map(({ name }) => [name, newRun(draft)] as const);
  run.conditions[condition] = {
    status: "InProgress",
    changedAt: draft.environment.now,
    rules: Object.fromEntries(rules),
  };
  for (const [rule, ruleRun] of rules) {
    draft.effects.push({ kind: "run-rule", executionId: execution.id, stage: run.name, condition, rule, run: ruleRun });
  }
}

/** Ends the rules of the condition that is being checked, if any. */
export function abandonRules(
  draft: Draft,
  { execution, run }: At,
  status: "Abandoned" | "Cancelled" | "Failed" | "Errored" | "Overridden",
): void {
  if (run.step.kind !== "checking") return;
  const condition = run.conditions[run.step.condition];
  if (condition === undefined) return;
  for (const rule of Object.values(condition.rules)) {
    if (rule.status !== "InProgress") continue;
    rule.status = "Abandoned";
    draft.effects.push({ kind: "abandon-rule", executionId: execution.id, run: rule });
  }
  condition.status = status;
  condition.changedAt = draft.environment.now;
}

/** Ends the running actions of a stage without waiting for them; their providers may work on. */
export function abandonActions(draft: Draft, { execution, run }: At): void {
  for (const [action, actionRun] of running(run)) {
    actionRun.status = "Abandoned";
    draft.effects.push({ kind: "abandon-action", executionId: execution.id, stage: run.name, action, run: actionRun });
  }
}

/** Goes on when a rule has ended: the condition holds when all of its rules have passed, and fails with the first that has not. */
export function judge(draft: Draft, here: At, condition: ConditionKind): void {
  const { run, declared, execution } = here;
  const rules = Object.values(run.conditions[condition]?.rules ?? {});
  const hasFailed = rules.some(({ status }) => status === "Failed");
  if (!hasFailed && rules.some(({ status }) => status === "InProgress")) return;
  const state = run.conditions[condition];
  if (state === undefined) return;
  if (hasFailed) abandonRules(draft, here, state.status === "Errored" ? "Errored" : "Failed");
  else state.status = "Succeeded";
  state.changedAt = draft.environment.now;
  const result = declared[condition]?.conditions?.[0]?.result;
  switch (condition) {
    case "beforeEntry":
      if (!hasFailed) act(draft, here);
      else if (result === "SKIP") skip(draft, here);
      else fail(draft, here);
      return;
    case "onSuccess":
      if (!hasFailed) succeed(draft, here);
      else fail(draft, here, { rollBack: result === "ROLLBACK" });
      return;
    case "onFailure":
      // This one says when to do something about the failure: its result engages when it is met.
      fail(draft, here, {
        rollBack: !hasFailed && (result ?? declared.onFailure?.result) === "ROLLBACK" && execution.type === "STANDARD",
      });
      return;
  }
}

/**
 * Starts the actions whose turn it is, or ends the stage: the one place that decides what an acting stage does next.
 */
export function act(draft: Draft, here: At): void {
  const { execution, run, declared } = here;
  run.step = { kind: "acting" };
  const isRunning = running(run).length > 0;
  if (execution.stop !== undefined) {
    if (!isRunning) stopHere(draft, here);
    return;
  }
  if (Object.values(run.actions).some(({ status }) => status === "Failed")) {
    respondToFailure(draft, here, isRunning);
    return;
  }
  for (const group of runOrderGroups(declared)) {
    if (group.every(({ name }) => run.actions[name]?.status === "Succeeded")) continue;
    for (const { name } of group) {
      if (run.actions[name] !== undefined) continue;
      const actionRun = newRun(draft);
      run.actions[name] = actionRun;
      draft.effects.push({
        kind: "run-action",
        executionId: execution.id,
        stage: run.name,
        action: name,
        run: actionRun,
      });
    }
    execution.updatedAt = draft.environment.now;
    return;
  }
  if (execution.type === "STANDARD" && rulesOf(declared, "onSuccess").length > 0) check(draft, here, "onSuccess");
  else succeed(draft, here);
}

/** What a stage does about a failed action. Whatever else runs is waited for, but for a retry of the failed ones alone. */
function respondToFailure(draft: Draft, here: At, isRunning: boolean): void {
  const { execution, run, declared } = here;
  const { onFailure } = declared;
  const isStandard = execution.type === "STANDARD";
  if (isStandard && onFailure?.result === "RETRY" && run.retries.automatic === 0) {
    const mode = onFailure.retryConfiguration?.retryMode ?? "FAILED_ACTIONS";
    if (mode === "ALL_ACTIONS" && isRunning) return;
    run.retries = { ...run.retries, automatic: 1, latest: "AutomatedStageRetry" };
    tellStage(draft, here, "RESUMED");
    again(draft, here, mode);
    return;
  }
  const hasCondition = isStandard && rulesOf(declared, "onFailure").length > 0;
  const rollBack = isStandard && !hasCondition && onFailure?.result === "ROLLBACK";
  if (hasCondition || rollBack) {
    if (isRunning) return;
    if (hasCondition) check(draft, here, "onFailure");
    else fail(draft, here, { rollBack });
    return;
  }
  // The failure shows at once; the stage stays held until the last action has ended.
  if (isRunning) showFailure(draft, here);
  else fail(draft, here);
}

/** Forgets the runs that are to be repeated, and acts. */
export function again(draft: Draft, here: At, mode: "FAILED_ACTIONS" | "ALL_ACTIONS"): void {
  const { run } = here;
  const kept = Object.entries(run.actions).filter(
    ([, { status }]) => mode === "FAILED_ACTIONS" && (status === "Succeeded" || status === "InProgress"),
  );
  run.actions = Object.fromEntries(kept);
  delete run.conditions.onSuccess;
  delete run.conditions.onFailure;
  act(draft, here);
}

function showFailure(draft: Draft, here: At): void {
  if (here.run.status === "Failed") return;
  here.run.status = "Failed";
  here.execution.status = "Failed";
  tellStage(draft, here, "FAILED");
  tellPipeline(draft, here.execution, "FAILED");
}

function fail(draft: Draft, here: At, { rollBack = false } = {}): void {
  const { execution, run, index, flow } = here;
  showFailure(draft, here);
  run.step = { kind: "over" };
  leave(draft, execution);
  const target = flow.lastSucceeded;
  if (!rollBack || target === undefined || target === execution.id || index === 0 || isParallel(draft)) return;
  const goal = find(draft, target);
  if (goal !== undefined)
    startRollback(draft, index, goal, draft.environment.newId(), { type: "AutomatedRollback", detail: execution.id });
}

export function stopHere(draft: Draft, here: At): void {
  const { execution, run } = here;
  run.status = "Stopped";
  run.step = { kind: "over" };
  execution.status = "Stopped";
  leave(draft, execution);
  tellStage(draft, here, "STOPPED");
  tellPipeline(draft, execution, "STOPPED");
}

export function succeed(draft: Draft, here: At): void {
  const { execution, run, flow } = here;
  run.status = "Succeeded";
  run.step = { kind: "over" };
  if (execution.type === "STANDARD") flow.lastSucceeded = execution.id;
  tellStage(draft, here, "SUCCEEDED");
  goOn(draft, here);
}

function skip(draft: Draft, here: At): void {
  here.run.status = "Skipped";
  here.run.step = { kind: "over" };
  tellStage(draft, here, "SKIPPED");
  goOn(draft, here);
}

/** Leaves the stage for the next one, or ends well. A rollback ends with its stage. */
function goOn(draft: Draft, { execution, index, flow }: At): void {
  if (flow.occupant === execution.id) flow.occupant = undefined;
  if (execution.type === "STANDARD" && index + 1 < draft.flow.stages.length) {
    enqueue(draft, execution, index + 1);
    return;
  }
  leave(draft, execution);
  execution.status = "Succeeded";
  tellPipeline(draft, execution, "SUCCEEDED");
}

/** A new execution of one stage, with what an earlier one had. */
export function startRollback(
  draft: Draft,
  index: number,
  target: Execution,
  id: string,
  trigger: Execution["trigger"],
): void {
  const execution: Execution = {
    ...structuredClone(target),
    ...freshFields(draft, id, trigger),
    type: "ROLLBACK",
    rollbackTarget: target.id,
    at: undefined,
  };
  draft.touched.set(id, execution);
  draft.flow.live.push(id);
  tellPipeline(draft, execution, "STARTED");
  enter(draft, at(draft, execution, index));
}

/** What every new execution begins with. */
export function freshFields(draft: Draft, id: string, trigger: Execution["trigger"]) {
  const { now } = draft.environment;
  return {
    id,
    trigger,
    order: ++draft.flow.executions,
    startedAt: now,
    updatedAt: now,
    status: "InProgress" as const,
    summary: undefined,
    attempt: 1,
    stop: undefined,
    stages: draft.definition.stages.map(({ name }): Execution["stages"][number] => ({
      name,
      status: "NotStarted",
      step: { kind: "not-entered" },
      actions: {},
      conditions: {},
      retries: { automatic: 0, manual: 0, latest: undefined },
    })),
  };
}
