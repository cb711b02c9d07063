import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Workload } from "../../../runtime/workloads.ts";
import type { InstanceRow, InstanceState } from "./model.ts";
import { keptAfterTerminationMs, plan, rebootExitCode } from "./plan.ts";
import { failToLaunch, nowEnded, nowRunning, shutDownByItself, start, stop, terminate } from "./transitions.ts";

const states: readonly InstanceState[] = ["pending", "running", "stopping", "stopped", "shutting-down", "terminated"];

const base = {
  id: { service: "ec2", account: "1", region: "us-east-1", name: "i-1" },
  address: "127.9.9.9",
  outputFile: "",
  runsAs: "process",
} as const;
const workloads: fc.Arbitrary<Workload | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.record({ startedAt: fc.nat(20) }).map((own) => ({ ...base, ...own, state: "running" as const, pid: 7 })),
  fc
    .record({ startedAt: fc.nat(20), endedAt: fc.nat(20), code: fc.constantFrom(0, 1, 137, rebootExitCode) })
    .map(({ code, ...own }) => ({ ...base, ...own, state: "ended" as const, exit: { code }, outOfMemory: false })),
);
const rows = fc
  .record({
    state: fc.constantFrom(...states),
    since: fc.nat(20),
    endedRun: fc.option(fc.nat(20), { nil: undefined }),
    rebootRequested: fc.boolean(),
    shutdownBehavior: fc.constantFrom("stop" as const, "terminate" as const),
  })
  .map((own) => own as unknown as InstanceRow);

describe("plan", () => {
  it("boots only what is to run and does not, and ends only what is not to run", () => {
    fc.assert(
      fc.property(rows, workloads, (row, workload) => {
        const step = plan(row, workload, row.since);
        if (step.do === "boot") {
          expect(["pending", "running"]).toContain(row.state);
          expect(workload?.state).not.toBe("running");
        }
        if (step.do === "end") expect(["stopping", "shutting-down"]).toContain(row.state);
        if (step.do === "shut-down") expect(step.endedRun).not.toBe(row.endedRun);
      }),
    );
  });

  it("deals with each end of a workload once, however often it is asked", () => {
    fc.assert(
      fc.property(rows, workloads, (row, workload) => {
        const step = plan(row, workload, 30);
        if (step.do !== "shut-down") return;
        const next = shutDownByItself(row, step.endedRun, 30);
        expect(plan(next, workload, 30)).toEqual({ do: "end" });
        const settled = nowEnded(next, workload?.startedAt, 31);
        expect(settled.state).toBe(row.shutdownBehavior === "stop" ? "stopped" : "terminated");
        expect(plan(start(settled, 32), workload, 32).do).toBe(settled.state === "stopped" ? "boot" : "clear");
      }),
    );
  });

  it("runs again what the machine has lost, and what asked for it", () => {
    const row = { state: "running", since: 0, endedRun: undefined, rebootRequested: false } as const;
    expect(plan(row, undefined, 1)).toEqual({ do: "boot", again: true });
    const ended = { ...base, startedAt: 1, endedAt: 2, state: "ended", outOfMemory: false } as const;
    expect(plan(row, { ...ended, exit: { code: rebootExitCode } }, 3)).toEqual({ do: "boot", again: false });
    expect(plan(row, { ...ended, exit: { signal: "SIGKILL" } }, 3)).toEqual({ do: "shut-down", endedRun: 1 });
  });

  it("forgets a terminated instance after an hour", () => {
    const row = { state: "terminated", since: 5, endedRun: undefined, rebootRequested: false } as const;
    const forgetAt = 5 + keptAfterTerminationMs;
    expect(plan(row, undefined, 6)).toEqual({ do: "clear", forgetAt });
    expect(plan(row, undefined, forgetAt)).toEqual({ do: "forget" });
  });
});

describe("what happens to an instance", () => {
  it("never brings back what was terminated, and changes nothing when it happens twice", () => {
    const happenings: readonly ((row: InstanceRow) => InstanceRow)[] = [
      (row) => terminate(row, 40),
      (row) => stop(row, 40),
      (row) => start(row, 40),
      (row) => nowRunning(row, 40),
      (row) => nowEnded(row, 3, 40),
      (row) => shutDownByItself(row, 3, 40),
    ];
    fc.assert(
      fc.property(rows, fc.array(fc.constantFrom(...happenings), { maxLength: 12 }), (row, happened) => {
        let now = row;
        for (const happen of happened) {
          const next = happen(now);
          if (now.state === "terminated") expect(next.state).toBe("terminated");
          if (now.state === "shutting-down") expect(["shutting-down", "terminated"]).toContain(next.state);
          expect(happen(next).state).toBe(next.state);
          now = next;
        }
        expect(failToLaunch(now, "Server.InternalError", "Internal error on launch", 41).state).toBe("terminated");
      }),
    );
  });
});
