import type { Millis } from "@trysail/core";
import type { OnFailure, ResourceStatus, StackStatus } from "@aws-sdk/client-cloudformation";
import type { Properties, ResourcePolicies } from "../../kernel/resource.ts";
import type { Json } from "./template/json.ts";
import type { ParameterValue } from "./template/parameters.ts";

/** What a request wants a stack to be, without its template's text. */
export interface Desired {
  /** As they were given: for a type of Parameter Store, the name. */
  readonly parameters: Readonly<Record<string, string>>;
  /** As the template sees them. */
  readonly values: Readonly<Record<string, ParameterValue>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly capabilities: readonly string[];
  readonly roleArn: string | undefined;
  /** Topics that are told of the stack's events. Absent in rows of releases before there were any. */
  readonly notificationArns?: readonly string[];
  readonly description: string | undefined;
  /** Parameters whose values nobody is shown (`NoEcho`). */
  readonly hidden: readonly string[];
  /** Parameters whose values were looked up in Parameter Store. */
  readonly lookedUp: readonly string[];
}

export interface Output {
  readonly key: string;
  readonly value: string;
  readonly description: string | undefined;
  readonly exportName: string | undefined;
}

export interface Stack extends Desired {
  readonly id: string;
  readonly name: string;
  readonly status: StackStatus;
  readonly statusReason: string | undefined;
  readonly createdAt: Millis;
  readonly updatedAt: Millis | undefined;
  readonly deletedAt: Millis | undefined;
  readonly disableRollback: boolean;
  readonly terminationProtection: boolean;
  readonly timeoutMinutes: number | undefined;
  readonly outputs: readonly Output[];
  /** The change set that made the stack what it is. */
  readonly changeSetId: string | undefined;
  readonly parentId: string | undefined;
  readonly rootId: string | undefined;
  /** Of a nested stack: the step of its parent that has begun the last operation. */
  readonly lastToken: string | undefined;
  /** Names what has changed since the stack was last whole; undefined while it is. */
  readonly series: string | undefined;
}

/** A resource of a stack. */
export interface ResourceRow {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string | undefined;
  readonly status: ResourceStatus;
  readonly statusReason: string | undefined;
  readonly updatedAt: Millis;
  /** With all functions replaced, and references to secrets left as they are: those are followed each time. */
  readonly properties: Properties;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly metadata: Json | undefined;
  readonly deletionPolicy: string | undefined;
  readonly updateReplacePolicy: string | undefined;
  /** Absent in rows of releases before there were any. */
  readonly policies?: ResourcePolicies;
  /** Logical ids of the resources that must be there before this one, and go after it. */
  readonly dependsOn: readonly string[];
  /** The series of changes that added it. */
  readonly addedIn: string;
  /** The step that is being taken, or has failed. */
  readonly pending: PendingStep | undefined;
}

export interface PendingStep {
  readonly action: "create" | "update" | "replace";
  readonly properties: Properties;
  /** Set as soon as a new resource tells it. */
  readonly physicalId: string | undefined;
  readonly token: string;
}

/** A physical resource that its stack does not use any more, and that is to go. */
export interface Leftover {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string;
  readonly properties: Properties;
  readonly dependsOn: readonly string[];
  /** It is let go of, and stays. */
  readonly retained: boolean;
}

export type Phase =
  | "create"
  | "create-rollback"
  | "update"
  | "update-cleanup"
  | "update-rollback"
  | "rollback-cleanup"
  | "delete";

export type TaskState = "running" | "done" | "failed";

/** What happens to a stack. There is one at a time; the row goes when it has ended. */
export interface Operation {
  readonly stackId: string;
  /** Names this operation: the requests of its steps derive from it. */
  readonly token: string;
  readonly series: string;
  readonly phase: Phase;
  /** Steps of the current phase, by logical id, that have begun. */
  readonly tasks: Readonly<Record<string, TaskState>>;
  readonly failures: readonly { readonly logicalId: string; readonly action: "create" | "update" | "delete" }[];
  /** What the stack is to be when an update has succeeded. */
  readonly desired: Desired | undefined;
  readonly onFailure: OnFailure;
  /** Set by who wants it to end early. */
  readonly cancelled: { readonly reason: string; readonly delete: boolean } | undefined;
  /** Logical ids: to let go of when the stack is deleted, or to take as they are in a rollback. */
  readonly skipped: readonly string[];
  /** Removes what it can, and lets go of the rest. */
  readonly force: boolean;
  /** New resources go in a rollback, also those whose DeletionPolicy would keep them. */
  readonly retainExceptOnCreate: boolean;
  readonly changeSetId: string | undefined;
  readonly clientRequestToken: string | undefined;
  /** When a creation that takes too long fails. */
  readonly deadline: Millis | undefined;
  /** It waits for something that takes its time. */
  readonly idle: boolean;
}

export interface StackEvent {
  readonly id: string;
  readonly stackId: string;
  readonly stackName: string;
  readonly logicalId: string;
  readonly physicalId: string | undefined;
  readonly type: string;
  readonly status: ResourceStatus;
  readonly statusReason: string | undefined;
  readonly at: Millis;
  readonly properties: string | undefined;
  readonly clientRequestToken: string | undefined;
  /** The operation that it is of. */
  readonly operation: string | undefined;
}

export interface ExportRow {
  readonly name: string;
  readonly value: string;
  readonly stackId: string;
}

/** The values that nobody is shown. */
export function secretsOf({ hidden, parameters }: Pick<Desired, "hidden" | "parameters">): readonly string[] {
  return hidden.map((key) => parameters[key] ?? "").filter((value) => value !== "");
}

/** Data with stars in the place of secrets, wherever in a text they stand. */
export function masked(value: unknown, secrets: readonly string[]): unknown {
  if (secrets.length === 0) return value;
  if (typeof value === "string") return secrets.reduce((text, secret) => text.replaceAll(secret, "****"), value);
  if (Array.isArray(value)) return value.map((item) => masked(item, secrets));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, masked(item, secrets)]));
}

/** Statuses in which nothing happens to a stack, and an update may begin. */
export const updatable: readonly StackStatus[] = [
  "CREATE_COMPLETE",
  "UPDATE_COMPLETE",
  "UPDATE_ROLLBACK_COMPLETE",
  "UPDATE_FAILED",
  "CREATE_FAILED",
  "IMPORT_COMPLETE",
  "IMPORT_ROLLBACK_COMPLETE",
];

export const stackType = "AWS::CloudFormation::Stack";

/** The tags that CloudFormation gives to what it makes. */
export function resourceTags(
  stack: Pick<Stack, "id" | "name">,
  tags: Readonly<Record<string, string>>,
  logicalId: string,
): readonly { readonly Key: string; readonly Value: string }[] {
  const own = {
    "aws:cloudformation:stack-name": stack.name,
    "aws:cloudformation:stack-id": stack.id,
    "aws:cloudformation:logical-id": logicalId,
  };
  return Object.entries({ ...tags, ...own }).map(([Key, Value]) => ({ Key, Value }));
}
