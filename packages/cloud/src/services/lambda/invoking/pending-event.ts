import type { Millis } from "@trysail/core";

/** An event that waits for its function: handed over at least once, and tried again where that fails. */
export interface PendingEvent {
  readonly requestId: string;
  readonly functionName: string;
  readonly qualifier: string | undefined;
  /** The ARN that it was called by. */
  readonly arn: string;
  readonly payload: Uint8Array;
  readonly clientContext: string | undefined;
  readonly receivedAt: Millis;
  /** When it is to be handed over (again). */
  readonly dueAt: Millis;
  /** How often the function has failed to handle it. */
  readonly failures: number;
  /** How often there was no room for it. */
  readonly throttles: number;
}
