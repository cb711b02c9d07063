import type { PhaseContext } from "@aws-sdk/client-codebuild";
import type { Context } from "../../kernel/context.ts";
import { phaseChange, stateChange } from "./events.ts";
import { endMeasurements, phaseMeasurement } from "./measurements.ts";
import { endPhase, enterPhase, statusOf } from "./model.ts";
import type { StoredBuild } from "./model.ts";
import type { EndStatus, PhaseType } from "./phases.ts";
import { activeBuilds, tables } from "./store.ts";

/** Changes a stored build, unless it is complete or gone. @returns it as it is then */
export function changeBuild(
  ctx: Context,
  id: string,
  change: (stored: StoredBuild) => StoredBuild,
): StoredBuild | undefined {
  return ctx.transaction(() => {
    const stored = ctx.table(tables.builds).get(id);
    if (stored === undefined || stored.state === "complete") return stored;
    const changed = change(stored);
    ctx.table(tables.builds).put(id, changed);
    return changed;
  });
}

/** Ends the phase that a build is in, and tells of it. */
export function leavePhase(ctx: Context, id: string, status: EndStatus, context?: PhaseContext): void {
  ctx.transaction(() => {
    const { now } = ctx.as({});
    const changed = changeBuild(ctx, id, (stored) => ({
      ...stored,
      build: endPhase(stored.build, status, now, context),
    }));
    const phase = changed?.build.phases?.at(-1);
    if (changed === undefined || phase?.endTime === undefined) return;
    ctx.emit(phaseChange(changed.build, phase));
    ctx.measure(phaseMeasurement(changed.build, phase));
  });
}

/** Begins a phase. */
export function goTo(ctx: Context, id: string, phase: PhaseType): void {
  const { now } = ctx.as({});
  changeBuild(ctx, id, (stored) => ({ ...stored, build: enterPhase(stored.build, phase, now) }));
}

/** Completes a build whose phases have ended, tells of it, and lets the next one of its project have its turn. */
export function complete(ctx: Context, id: string): void {
  ctx.transaction(() => {
    const { now } = ctx.as({});
    const changed = changeBuild(ctx, id, (stored) => ({
      ...stored,
      state: "complete",
      build: {
        ...enterPhase(stored.build, "COMPLETED", now),
        buildStatus: statusOf(stored.build),
        buildComplete: true,
        endTime: new Date(now),
      },
    }));
    if (changed === undefined) return;
    ctx.emit(stateChange(changed.build));
    for (const measurement of endMeasurements(changed.build)) ctx.measure(measurement);
    const { projectName, buildNumber = 0 } = changed.build;
    ctx.table(tables.activeBuilds).delete([projectName, buildNumber]);
    const [next] = activeBuilds(ctx, projectName, "queued");
    // Written as it is: that alone makes its controller look at it.
    if (next !== undefined) ctx.table(tables.builds).put(next.build.id, next);
  });
}

/** Notes that the files of a complete build are gone. */
export function forgetFolder(ctx: Context, id: string): void {
  ctx.transaction(() => {
    const stored = ctx.table(tables.builds).get(id);
    if (stored !== undefined) ctx.table(tables.builds).put(id, { ...stored, hasFolder: false });
  });
}
