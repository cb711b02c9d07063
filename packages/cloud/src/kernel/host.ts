import type { Activities } from "./activities.ts";
import type { Blobs } from "../store/blobs.ts";
import type { LogSegments } from "../store/log-segments.ts";
import type { DataPlane } from "../dataplane/data-plane.ts";
import type { Doors } from "../gateway/doors.ts";
import type { Processes } from "../runtime/processes.ts";
import type { UsageMeter } from "../runtime/usage.ts";
import type { Workloads } from "../runtime/workloads.ts";
import type { GitRepositories } from "../runtime/git-repositories.ts";

/** What lies outside of the tables. One of each, shared by all services. */
export interface Host {
  /** `http://127.0.0.1:4566`: what builds and instances are given as their endpoint. */
  readonly endpoint: string;
  /** A folder of Trysail's own, on the same disk as its data: `workspace("codebuild", buildId)`. */
  workspace(...path: readonly string[]): string;
  readonly blobs: Blobs;
  readonly logSegments: LogSegments;
  readonly processes: Processes;
  readonly workloads: Workloads;
  /** What the workloads use of this machine. */
  readonly usage: UsageMeter;
  readonly dataPlane: DataPlane;
  readonly doors: Doors;
  readonly git: GitRepositories;
  readonly activities: Activities;
}
