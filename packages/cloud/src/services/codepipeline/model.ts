import type { ActionTypeSettings, ArtifactStore, WebhookDefinition } from "@aws-sdk/client-codepipeline";
import type { AccountId, Millis, Region } from "@trysail/core";
import type { Complete } from "./model/definition.ts";
import type { ActionTypeFacts } from "./model/action-types.ts";
import type { ConditionKind, RunStatus, StoredArtifact } from "./engine/state.ts";

export interface Pipeline {
  readonly name: string;
  readonly arn: string;
  /** Of the definition that holds now. */
  readonly version: number;
  readonly createdAt: Millis;
  readonly updatedAt: Millis;
  readonly tags: Readonly<Record<string, string>>;
}

/** An artifact where an action of one region finds it, or is to put it. */
export interface PlacedArtifact extends StoredArtifact {
  readonly encryptionKey: Complete<ArtifactStore>["encryptionKey"];
}

/** What an action's or rule's run works on, fixed when it begins. */
export interface RunInput {
  /** References resolved. */
  readonly configuration: Readonly<Record<string, string>>;
  readonly environment: readonly {
    readonly name: string;
    readonly value: string;
    readonly type: "PLAINTEXT" | "PARAMETER_STORE" | "SECRETS_MANAGER";
  }[];
  readonly inputs: readonly PlacedArtifact[];
  readonly outputs: readonly PlacedArtifact[];
}

/** One run of an action or of a condition's rule. */
export interface RunRecord {
  readonly subject: { readonly kind: "action" } | { readonly kind: "rule"; readonly condition: ConditionKind };
  readonly id: string;
  readonly number: number;
  readonly pipeline: string;
  readonly pipelineVersion: number;
  readonly executionId: string;
  readonly stage: string;
  /** Of the action or rule. */
  readonly name: string;
  readonly region: string;
  readonly roleArn: string | undefined;
  readonly startedAt: Millis;
  /** When it fails for having taken too long; undefined for rules that may wait. */
  readonly deadline: Millis | undefined;
  readonly updatedAt: Millis;
  readonly status: RunStatus;
  /** Undefined until it has begun. */
  readonly input: RunInput | undefined;
  /** What its provider needs to go on after an interruption. Plain data, the provider's own. */
  readonly progress: unknown;
  readonly summary: string | undefined;
  readonly percentComplete: number | undefined;
  readonly externalId: string | undefined;
  readonly externalUrl: string | undefined;
  readonly logStreamArn: string | undefined;
  readonly error: { readonly code: string; readonly message: string } | undefined;
  /** Demanded with the answer, while an approval waits for one. */
  readonly token: string | undefined;
  /** Who has approved or rejected. */
  readonly updatedBy: string | undefined;
  readonly variables: Readonly<Record<string, string>>;
  /** Counts what has happened outside that the run may want to know of: changing it wakes the run. */
  readonly wakes: number;
}

/** A job: a custom action's run, which workers poll for, or one that a function of Lambda is called with. */
export interface Job {
  readonly id: string;
  readonly nonce: string;
  readonly type: string;
  readonly status: "Queued" | "Dispatched" | "InProgress" | "Succeeded" | "Failed" | "TimedOut";
  readonly pipeline: string;
  /** Where the pipeline is, if the job may be in another region. */
  readonly pipelineRegion?: Region;
  readonly run: number;
  /** The id of the run's first job too. */
  readonly runId: string;
  /** Of the first job: the one that goes on with it now. */
  readonly latest?: string;
  readonly continuationToken: string | undefined;
  /** When it was handed out: not acknowledged for a while, it is handed out again. Of Lambda's: when the function was called. */
  readonly dispatchedAt: Millis | undefined;
}

export interface CustomActionType {
  readonly facts: ActionTypeFacts;
  readonly settings: ActionTypeSettings | undefined;
  readonly descriptions: Readonly<
    Record<
      string,
      { readonly description: string | undefined; readonly type: "String" | "Number" | "Boolean" | undefined }
    >
  >;
  readonly tags: Readonly<Record<string, string>>;
  /** Set while pipelines may still use it, though it was deleted. */
  readonly deleted: boolean;
}

export interface Webhook {
  readonly definition: Complete<WebhookDefinition>;
  readonly arn: string;
  /** Whether pushes to Trysail's own copy of the repository count as deliveries. */
  readonly registered: boolean;
  /** The part of the URL that nobody can guess. */
  readonly token: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly lastTriggered: Millis | undefined;
  readonly error: { readonly code: string; readonly message: string } | undefined;
}

/** A pipeline that watches a source. */
export interface Watcher {
  readonly account: AccountId;
  readonly region: Region;
  readonly pipeline: string;
}

/** Whose run an outside happening wakes. */
export interface Waiter {
  readonly account: string;
  readonly region: string;
  readonly pipeline: string;
  readonly run: number;
}

/** Something outside whose happening wakes a run: `["build", ARN]`. */
export type Awaited = readonly [what: "alarm" | "build" | "stack" | "execution" | "deployment", id: string];
