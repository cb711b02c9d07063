import type { ChangeSetStatus, ChangeSetType, ExecutionStatus, OnStackFailure } from "@aws-sdk/client-cloudformation";
import type { Millis } from "@trysail/core";
import type { Desired } from "../model.ts";
import type { Problem } from "../requested.ts";
import type { ResourcePlan } from "./plan.ts";

/** What a stack would become, and what that would change. Its template's text lies beside. */
export interface ChangeSet {
  readonly id: string;
  readonly name: string;
  readonly stackId: string;
  readonly stackName: string;
  readonly type: ChangeSetType;
  readonly description: string | undefined;
  readonly createdAt: Millis;
  readonly status: ChangeSetStatus;
  readonly statusReason: string | undefined;
  readonly executionStatus: ExecutionStatus;
  readonly desired: Desired;
  readonly changes: readonly ResourcePlan[];
  /** Why its resources cannot be made. */
  readonly problems: readonly Problem[];
  readonly onStackFailure: OnStackFailure | undefined;
  readonly importExistingResources: boolean;
}
