import type { PlaneConfig, TargetHealth } from "../data-plane.ts";
import type { Traffic } from "../traffic/counters.ts";

/** What Trysail tells a worker. */
export type ToWorker =
  /** Be so. Answered by `applied` with the same number. */
  | { readonly type: "apply"; readonly number: number; readonly config: PlaneConfig }
  | { readonly type: "exited"; readonly host: string }
  /** The answer to `invoke`. Without a payload: it could not be invoked. */
  | { readonly type: "invoked"; readonly number: number; readonly payload?: string };

/** What a worker tells Trysail. */
export type FromWorker =
  | { readonly type: "applied"; readonly number: number; readonly failures: Readonly<Record<string, string>> }
  /** Of all targets. */
  | { readonly type: "health"; readonly targets: readonly TargetHealth[] }
  /** What was done since the last time; not sent if that is nothing. */
  | { readonly type: "traffic"; readonly traffic: Traffic }
  | { readonly type: "invoke"; readonly number: number; readonly functionArn: string; readonly payload: string };
