import type { Parameter, Stack as SdkStack, StackSummary, Tag } from "@aws-sdk/client-cloudformation";
import type { Desired, Stack } from "../model.ts";

export function describeParameters({ parameters, values, hidden, lookedUp }: Desired): Parameter[] {
  return Object.entries(parameters).map(([key, value]) => ({
    ParameterKey: key,
    ParameterValue: hidden.includes(key) ? "****" : value,
    ...(lookedUp.includes(key) && {
      ResolvedValue: hidden.includes(key) ? "****" : [values[key] ?? ""].flat().join(","),
    }),
  }));
}

export function describeTags(tags: Readonly<Record<string, string>>): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

const dateOf = (at: number | undefined) => (at === undefined ? undefined : new Date(at));

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_Stack.html */
export function describeStack(stack: Stack): SdkStack {
  return {
    StackId: stack.id,
    StackName: stack.name,
    ChangeSetId: stack.changeSetId,
    Description: stack.description,
    // Before the first execution there is no template that they could be the parameters of: a client that found them here
    // would ask for their previous values.
    Parameters: stack.status === "REVIEW_IN_PROGRESS" ? [] : describeParameters(stack),
    CreationTime: new Date(stack.createdAt),
    DeletionTime: dateOf(stack.deletedAt),
    LastUpdatedTime: dateOf(stack.updatedAt),
    RollbackConfiguration: {},
    StackStatus: stack.status,
    StackStatusReason: stack.statusReason,
    DisableRollback: stack.disableRollback,
    NotificationARNs: [...(stack.notificationArns ?? [])],
    TimeoutInMinutes: stack.timeoutMinutes,
    Capabilities: [...stack.capabilities] as never[],
    Outputs: stack.outputs.map(({ key, value, description, exportName }) => ({
      OutputKey: key,
      OutputValue: value,
      Description: description,
      ExportName: exportName,
    })),
    RoleARN: stack.roleArn,
    Tags: describeTags(stack.tags),
    EnableTerminationProtection: stack.terminationProtection,
    ParentId: stack.parentId,
    RootId: stack.rootId,
    DriftInformation: { StackDriftStatus: "NOT_CHECKED" },
  };
}

export function summarizeStack(stack: Stack, description: string | undefined): StackSummary {
  return {
    StackId: stack.id,
    StackName: stack.name,
    TemplateDescription: description,
    CreationTime: new Date(stack.createdAt),
    LastUpdatedTime: dateOf(stack.updatedAt),
    DeletionTime: dateOf(stack.deletedAt),
    StackStatus: stack.status,
    StackStatusReason: stack.statusReason,
    ParentId: stack.parentId,
    RootId: stack.rootId,
    DriftInformation: { StackDriftStatus: "NOT_CHECKED" },
  };
}
