import type { Stack } from "@aws-sdk/client-cloudformation";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { readContent } from "./cloudformation-content.ts";
import type { Step, Work } from "./provider.ts";

/** How many of a stack's failed resources are told with the failure. */
const failuresTold = 3;

/** A stack by its name or id; undefined if there is none. */
export async function describeStack(acting: Context, name: string): Promise<Stack | undefined> {
  try {
    const { Stacks: [stack] = [] } = await acting.call.cloudformation.describeStacks({ StackName: name });
    return stack;
  } catch (error) {
    if (isAwsError(error, "ValidationError")) return undefined;
    throw error;
  }
}

/** A stack in review has a change set and nothing else yet. */
export function isRunning({ StackStatus: status }: Stack): boolean {
  return status?.endsWith("_IN_PROGRESS") === true && status !== "REVIEW_IN_PROGRESS";
}

/** Whether the operation that a stack is in was asked for with that token. */
export async function isOurOperation(acting: Context, { StackId: id = "" }: Stack, token: string): Promise<boolean> {
  const { StackEvents: [latest] = [] } = await acting.call.cloudformation.describeStackEvents({ StackName: id });
  return latest?.ClientRequestToken === token;
}

/** Creates or updates the stack. @returns its id, or undefined if it is as the template says already */
export async function applyTemplate(work: Work, stack: Stack | undefined): Promise<string | undefined> {
  const { acting, record, input } = work;
  const { template, parameters, tags, capabilities, roleArn } = await readContent(work);
  const call = {
    StackName: input.configuration["StackName"] ?? "",
    ...template,
    Parameters: parameters,
    Tags: tags,
    Capabilities: capabilities,
    RoleARN: roleArn,
    ClientRequestToken: record.id,
  };
  if (stack === undefined || stack.StackStatus === "DELETE_COMPLETE")
    return (await acting.call.cloudformation.createStack(call)).StackId;
  try {
    return (await acting.call.cloudformation.updateStack(call)).StackId;
  } catch (error) {
    if (isAwsError(error, "ValidationError") && error.message.includes("No updates are to be performed"))
      return undefined;
    throw error;
  }
}

/** A failure with the stack's state and the reasons of the resources that have failed first. */
export async function stackFailure(acting: Context, stack: Stack, mode: string): Promise<Step> {
  const { StackId: id = "", StackName: name, StackStatus: status, StackStatusReason: reason } = stack;
  const { StackEvents: events = [] } = await acting.call.cloudformation.describeStackEvents({ StackName: id });
  const begin = events.findIndex(
    (event) =>
      event.PhysicalResourceId === id && /^(CREATE|UPDATE|DELETE)_IN_PROGRESS$/.test(event.ResourceStatus ?? ""),
  );
  const failed = events
    .slice(0, begin < 0 ? undefined : begin)
    .filter((event) => event.ResourceStatus?.endsWith("_FAILED") === true && event.PhysicalResourceId !== id)
    .toReversed()
    .slice(0, failuresTold)
    .map(
      (event) =>
        `${event.LogicalResourceId} (${event.ResourceType}): ${event.ResourceStatusReason ?? event.ResourceStatus}`,
    );
  const message = [`${mode} of the stack ${name} has ended as ${status}. ${reason ?? ""}`.trimEnd(), ...failed].join(
    "\n",
  );
  return { status: "failed", code: "JobFailed", message, externalId: id };
}
