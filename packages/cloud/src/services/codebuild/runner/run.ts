import { join } from "node:path";
import type { Context } from "../../../kernel/context.ts";
import type { Buildspec } from "../buildspec/types.ts";
import type { VariableSource } from "../environment.ts";
import type { StoredBuild } from "../model.ts";
import type { BuildLog } from "./build-log.ts";
import type { Shell } from "./shell.ts";
import type { Workspace } from "./workspace.ts";

/** What the phases of one running build know. Later ones find what earlier ones have set. */
export interface Run {
  /** As the build's service role. */
  readonly ctx: Context;
  readonly stored: StoredBuild;
  readonly treeId: string;
  readonly workspace: Workspace;
  readonly log: BuildLog;
  readonly environment: Record<string, string>;
  /** The folder of the primary source: where commands start, and what paths are relative to. */
  readonly sourceFolder: string;
  /** Aborted when the build is to end: nothing is started from then on. */
  readonly signal: AbortSignal;
  /** Set by DOWNLOAD_SOURCE. */
  buildspec?: Buildspec;
  variables?: ReadonlyMap<string, VariableSource>;
  shell?: Shell;
}

/** What DOWNLOAD_SOURCE has set. */
export function prepared(run: Run): {
  readonly buildspec: Buildspec;
  readonly shell: Shell;
  readonly variables: ReadonlyMap<string, VariableSource>;
} {
  const { buildspec, shell, variables } = run;
  if (buildspec === undefined || shell === undefined || variables === undefined)
    throw new Error("DOWNLOAD_SOURCE has not succeeded");
  return { buildspec, shell, variables };
}

/** A file of the build's own, for what is uploaded or was downloaded. */
export function scratchFile({ ctx, workspace }: Pick<Run, "ctx" | "workspace">, extension: string): string {
  return join(workspace.control, `${ctx.ids.uuid()}.${extension}`);
}
