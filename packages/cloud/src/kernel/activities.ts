/**
 * Work of this process that takes a while: a running build, a clone. It is not remembered: a controller that finds
 * state which says "running" and no activity of that id knows that it was interrupted.
 */
export interface Activities {
  /**
   * Starts `run` in the background, unless an activity of that id runs already. What `run` throws is logged.
   * @returns whether it was started
   */
  start(id: string, run: (signal: AbortSignal) => Promise<void>): boolean;
  running(id: string): boolean;
  /** Aborts the activity's signal with that reason. Does nothing if none runs. */
  abort(id: string, reason: Error): void;
  /** Resolves when the activity has ended, at once if none runs. */
  ended(id: string): Promise<void>;
}
