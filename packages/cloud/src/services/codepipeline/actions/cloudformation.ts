import type { Capability, Parameter, Stack, Tag } from "@aws-sdk/client-cloudformation";
import { putArtifact } from "../artifacts.ts";
import { zipOf } from "../archive.ts";
import type { StackActionMode } from "../model/action-types.ts";
import { executeChangeSet, replaceChangeSet } from "./cloudformation-change-set.ts";
import { applyTemplate, describeStack, isOurOperation, isRunning, stackFailure } from "./cloudformation-stack.ts";
import type { Provider, Step, Work } from "./provider.ts";

/** What the action is doing to the stack. */
export interface StackProgress {
  readonly stackId: string;
  readonly phase: "deleting-first" | "deleting" | "applying";
}

const isStackProgress = (progress: unknown): progress is StackProgress =>
  typeof progress === "object" && progress !== null && "stackId" in progress;

/** What calls about the stack's content share. */
export interface StackContent {
  readonly template: { readonly TemplateBody: string } | { readonly TemplateURL: string };
  readonly parameters: Parameter[];
  readonly tags: Tag[];
  readonly capabilities: Capability[];
  readonly roleArn: string | undefined;
}

/** CloudFormation's events wake the run. This is for one that was dropped since handling it failed again and again. */
const lookAgainMs = 60_000;

/** Stacks that cannot be updated; REPLACE_ON_FAILURE deletes them first. */
const beyondUpdate = [
  "ROLLBACK_COMPLETE",
  "ROLLBACK_FAILED",
  "CREATE_FAILED",
  "DELETE_FAILED",
  "UPDATE_ROLLBACK_FAILED",
];

/** @see https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CloudFormation.html */
export const cloudFormation: Provider = {
  async step(work) {
    const { record, input, acting } = work;
    const mode = input.configuration["ActionMode"] as StackActionMode;
    const name = input.configuration["StackName"] ?? "";
    if (isStackProgress(record.progress)) return follow(work, record.progress, mode);
    const stack = await describeStack(acting, name);
    // An interruption came between the request and the note of it.
    if (stack !== undefined && isRunning(stack) && (await isOurOperation(acting, stack, record.id))) {
      const isDeleting = stack.StackStatus?.startsWith("DELETE_") === true;
      return waitFor(
        work,
        stack.StackId ?? "",
        isDeleting ? (mode === "DELETE_ONLY" ? "deleting" : "deleting-first") : "applying",
      );
    }
    switch (mode) {
      case "CREATE_UPDATE":
      case "REPLACE_ON_FAILURE":
        if (mode === "REPLACE_ON_FAILURE" && stack !== undefined && beyondUpdate.includes(stack.StackStatus ?? ""))
          return remove(work, stack, "deleting-first");
        return apply(work, stack);
      case "DELETE_ONLY":
        return stack === undefined
          ? { status: "succeeded", summary: `The stack ${name} does not exist.` }
          : remove(work, stack, "deleting");
      case "CHANGE_SET_REPLACE":
        return replaceChangeSet(work, stack);
      case "CHANGE_SET_EXECUTE": {
        const started = await executeChangeSet(work, stack);
        return started === "nothing to do"
          ? succeed(work, stack, "There were no changes to execute.")
          : waitFor(work, started.stackId, "applying");
      }
    }
  },
};

function waitFor({ acting, record }: Work, stackId: string, phase: StackProgress["phase"]): Step {
  const progress: StackProgress = { stackId, phase };
  // The stack may have ended before it was noted that this run waits for it: the first look comes at once.
  const isNoted = isStackProgress(record.progress) && record.progress.phase === phase;
  const wakeAt = acting.now + (isNoted ? lookAgainMs : 0);
  return { status: "waiting", progress, awaits: ["stack", stackId], externalId: stackId, wakeAt };
}

async function remove(work: Work, stack: Stack, phase: "deleting" | "deleting-first"): Promise<Step> {
  const { acting, record, input } = work;
  const { StackId: id = "" } = stack;
  await acting.call.cloudformation.deleteStack({
    StackName: id,
    RoleARN: input.configuration["RoleArn"],
    ClientRequestToken: record.id,
  });
  return waitFor(work, id, phase);
}

async function apply(work: Work, stack: Stack | undefined): Promise<Step> {
  const stackId = await applyTemplate(work, stack);
  return stackId === undefined
    ? succeed(work, stack, "No updates are to be performed.")
    : waitFor(work, stackId, "applying");
}

async function follow(work: Work, { stackId, phase }: StackProgress, mode: StackActionMode): Promise<Step> {
  const { acting } = work;
  const stack = await describeStack(acting, stackId);
  if (stack !== undefined && isRunning(stack)) return waitFor(work, stackId, phase);
  const isGone = stack === undefined || stack.StackStatus === "DELETE_COMPLETE";
  switch (phase) {
    case "deleting":
      return isGone
        ? { status: "succeeded", externalId: stackId, summary: "Stack deleted" }
        : stackFailure(acting, stack, mode);
    case "deleting-first":
      return isGone ? apply(work, undefined) : stackFailure(acting, stack, mode);
    case "applying": {
      if (isGone)
        return { status: "failed", code: "JobFailed", message: `The stack ${stackId} has been deleted meanwhile.` };
      const isGood = stack.StackStatus === "CREATE_COMPLETE" || stack.StackStatus === "UPDATE_COMPLETE";
      return isGood ? succeed(work, stack, `Stack ${stack.StackStatus}`) : stackFailure(acting, stack, mode);
    }
  }
}

/** The stack's outputs become the action's variables, and the file that its output artifact holds. */
async function succeed({ input, storing }: Work, stack: Stack | undefined, summary: string): Promise<Step> {
  const outputs = Object.fromEntries(
    (stack?.Outputs ?? []).map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]),
  );
  const { OutputFileName: fileName } = input.configuration;
  const [artifact] = input.outputs;
  if (artifact !== undefined && fileName !== undefined)
    await putArtifact(storing, artifact, await zipOf({ [fileName]: JSON.stringify(outputs, undefined, 2) }));
  return {
    status: "succeeded",
    summary,
    variables: outputs,
    made: fileName === undefined ? [] : input.outputs.map(({ name }) => name),
    ...(stack?.StackId === undefined ? {} : { externalId: stack.StackId }),
  };
}
