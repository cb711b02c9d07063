import type { Stack } from "@aws-sdk/client-cloudformation";
import { isAwsError } from "../../../kernel/errors.ts";
import { readContent } from "./cloudformation-content.ts";
import type { Step, Work } from "./provider.ts";

/** What CloudFormation says of a change set without changes. */
const noChanges = /didn't contain changes|No updates are to be performed/;
const lookAgainMs = 100;

async function describe({ acting, input }: Work) {
  try {
    return await acting.call.cloudformation.describeChangeSet({
      StackName: input.configuration["StackName"],
      ChangeSetName: input.configuration["ChangeSetName"] ?? "",
    });
  } catch (error) {
    if (isAwsError(error, "ChangeSetNotFoundException", "ChangeSetNotFound", "ValidationError")) return undefined;
    throw error;
  }
}

/** Makes the change set anew. Without changes it succeeds too, as in AWS. */
export async function replaceChangeSet(work: Work, stack: Stack | undefined): Promise<Step> {
  const { acting, record, input } = work;
  const { StackName: name = "", ChangeSetName: changeSet = "" } = input.configuration;
  if (record.progress === undefined) {
    const { template, parameters, tags, capabilities, roleArn } = await readContent(work);
    if ((await describe(work)) !== undefined)
      await acting.call.cloudformation.deleteChangeSet({ StackName: name, ChangeSetName: changeSet });
    const isNew =
      stack === undefined || stack.StackStatus === "REVIEW_IN_PROGRESS" || stack.StackStatus === "DELETE_COMPLETE";
    await acting.call.cloudformation.createChangeSet({
      StackName: name,
      ChangeSetName: changeSet,
      ChangeSetType: isNew ? "CREATE" : "UPDATE",
      ...template,
      Parameters: parameters,
      Tags: tags,
      Capabilities: capabilities,
      RoleARN: roleArn,
      ClientToken: record.id,
    });
  }
  const made = await describe(work);
  const shown = made?.ChangeSetId === undefined ? {} : { externalId: made.ChangeSetId };
  if (made?.Status === "CREATE_PENDING" || made?.Status === "CREATE_IN_PROGRESS") {
    return { status: "waiting", progress: "creating", wakeAt: acting.now + lookAgainMs, ...shown };
  }
  if (made?.Status === "CREATE_COMPLETE") {
    return { status: "succeeded", summary: `Change set ${changeSet} was created.`, made: [], ...shown };
  }
  const reason = made?.StatusReason ?? "it is gone";
  if (noChanges.test(reason)) return { status: "succeeded", summary: "There are no changes.", made: [], ...shown };
  const message = `The change set ${changeSet} of the stack ${name} could not be created: ${reason}`;
  return { status: "failed", code: "JobFailed", message, ...shown };
}

/** Executes the change set. One that is absent, or has no changes, leaves nothing to do. */
export async function executeChangeSet(
  work: Work,
  stack: Stack | undefined,
): Promise<{ readonly stackId: string } | "nothing to do"> {
  const { acting, record, input } = work;
  const changeSet = await describe(work);
  if (changeSet === undefined && stack !== undefined) return "nothing to do";
  if (changeSet?.Status === "FAILED" && noChanges.test(changeSet.StatusReason ?? "")) return "nothing to do";
  await acting.call.cloudformation.executeChangeSet({
    StackName: input.configuration["StackName"],
    ChangeSetName: input.configuration["ChangeSetName"] ?? "",
    ClientRequestToken: record.id,
  });
  return { stackId: changeSet?.StackId ?? stack?.StackId ?? "" };
}
