import { mkdir, rm } from "node:fs/promises";
import { messageOf } from "@trysail/core";
import type { Millis, Timer } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { unpackedCode, unpackedLayers } from "../code/unpacked.ts";
import { limits } from "../limits.ts";
import type { Version } from "../model.ts";
import { environmentVariables, inLayers } from "./environment-variables.ts";
import type { RoleCredentials } from "./environment-variables.ts";
import { lines, streamName } from "./log-lines.ts";
import type { Report } from "./log-lines.ts";
import { openLog } from "./log-writer.ts";
import { peakMemoryMib } from "./memory.ts";
import { environmentFault } from "./outcome.ts";
import type { EnvironmentFault, Invocation, Outcome } from "./outcome.ts";
import { programOf } from "./programs.ts";

/** What the runtime client gets for its question. */
export interface NextEvent {
  readonly invocation: Invocation;
  readonly deadline: Millis;
}

/** An environment of one version of a function: a process, which is given one event after the other. */
export interface Environment {
  readonly id: string;
  /** Hands it an event; it must be free. Never rejects. To nothing if it ended, or lingered, before it took the event. */
  invoke(invocation: Invocation): Promise<Outcome | undefined>;
  /** Ends it: at once if it is free, else with its event. */
  retire(): void;
  /** Whether an event can be handed to it, and it has credentials for long enough to answer it. */
  isFree(now: Millis): boolean;

  // What its runtime client calls.
  /** Resolves when there is an event; to nothing when it ends or the client has gone away. */
  next(signal: AbortSignal): Promise<NextEvent | undefined>;
  /** @returns whether that event is being handled */
  answer(requestId: string, payload: Buffer): boolean;
  fail(requestId: string, payload: Buffer): boolean;
  failInit(payload: Buffer): boolean;
}

export interface EnvironmentParts {
  /** The service's own, in the function's account and region. */
  readonly ctx: Context;
  readonly id: string;
  readonly version: Version;
  readonly credentials: () => Promise<{ readonly credentials: RoleCredentials; readonly expiresAt: Millis }>;
  /** Called when it is free again, and when it has ended. */
  readonly onFree: () => void;
  readonly onEnd: () => void;
}

/** An invocation that goes on. */
interface Running {
  readonly invocation: Invocation;
  readonly startedAt: number;
  /** When its event was handed to the runtime client. */
  handedAt: number | undefined;
  timer: Timer | undefined;
  readonly settle: (outcome: Outcome | undefined) => void;
}

/** How long credentials must still last for an event: as long as the longest one takes. */
const credentialsMarginMs = limits.timeoutSeconds * 1000;

/** How long an event waits for an environment that has answered and does not ask for the next one. */
const returningMs = 100;

export function treeOf(id: string): string {
  return `lambda/${id}`;
}

/** Starts an environment. It takes its first event at once, and handles it when its program is ready. */
export function startEnvironment(parts: EnvironmentParts): Environment {
  const { ctx, id, version } = parts;
  const { host } = ctx;
  const log = openLog(ctx, version.logging.LogGroup, streamName(version, ctx.now, ctx.ids.hex(32)));
  const now = () => ctx.as({}).now;
  const stamp = () => new Date(now()).toISOString();

  // `returning`: it has answered, and its client is about to ask for the next event.
  let state: "starting" | "free" | "busy" | "returning" | "ended" = "starting";
  let isRetired = false;
  let running: Running | undefined;
  let hand: ((event: NextEvent | undefined) => void) | undefined;
  let pid: number | undefined;
  let initMs: number | undefined;
  let spawnedAt = performance.now();
  let expiresAt = Number.POSITIVE_INFINITY;
  let initError: Buffer | undefined;
  let end: () => void = () => {};
  const ending = new Promise<void>((resolve) => {
    end = resolve;
  });

  const failure = (invocation: Invocation, fault: EnvironmentFault): Buffer =>
    Buffer.from(JSON.stringify(environmentFault(invocation.requestId, fault)));

  /** Ends an invocation. What it wrote is in the pipe by now: a turn of the event loop later, it has been read. */
  const settle = async (outcome: "succeeded" | "failed", payload: Buffer, fault?: EnvironmentFault) => {
    const ended = running;
    if (ended === undefined) return;
    running = undefined;
    ended.timer?.cancel();
    const { invocation, settle: tell } = ended;
    const durationMs = performance.now() - (ended.handedAt ?? ended.startedAt);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    const report: Report = {
      requestId: invocation.requestId,
      durationMs: fault?.kind === "timeout" ? fault.seconds * 1000 : durationMs,
      initMs,
      maxMemoryMib: pid === undefined ? undefined : peakMemoryMib(pid),
      status:
        fault === undefined
          ? outcome === "succeeded"
            ? "success"
            : "failure"
          : fault.kind === "timeout"
            ? "timeout"
            : "error",
    };
    initMs = undefined;
    if (fault !== undefined) {
      const { errorType, errorMessage } = environmentFault(invocation.requestId, fault);
      const text = fault.kind === "timeout" ? errorMessage.replace(/^.*? Error: /, "") : errorMessage;
      log.platform([fault.kind === "timeout" ? `${stamp()} ${invocation.requestId} ${text}` : text]);
      log.platform(lines.end(version, stamp(), report, errorType));
    } else {
      log.platform(lines.end(version, stamp(), report, undefined));
    }
    tell({ status: outcome, payload, tail: log.takeTail(), durationMs: report.durationMs });
    becomeFree();
  };

  /** When the last event's log is written. */
  const becomeFree = () => {
    if (state === "ended") return;
    if (isRetired) {
      finish();
      return;
    }
    state = hand === undefined ? "returning" : "free";
    parts.onFree();
  };

  /** Gives an event back that was not taken. */
  const giveBack = () => {
    const current = running;
    running = undefined;
    current?.timer?.cancel();
    current?.settle(undefined);
  };

  const finish = () => {
    state = "ended";
    const asked = hand;
    hand = undefined;
    asked?.(undefined);
    end();
  };

  const give = () => {
    const asked = hand;
    const current = running;
    if (asked === undefined || current === undefined || current.handedAt !== undefined) return;
    hand = undefined;
    state = "busy";
    const deadline = now() + version.timeoutSeconds * 1000;
    current.handedAt = performance.now();
    current.timer?.cancel();
    current.timer = ctx.timer(deadline, () => timeOut());
    log.platform(lines.start(version, stamp(), current.invocation.requestId));
    asked({ invocation: current.invocation, deadline });
  };

  const timeOut = () => {
    if (running === undefined) return;
    const fault: EnvironmentFault = { kind: "timeout", seconds: version.timeoutSeconds };
    const payload = failure(running.invocation, fault);
    state = "ended";
    // First the log, in which what it wrote before it is killed still comes.
    void settle("failed", payload, fault).then(finish);
  };

  const environment: Environment = {
    id,
    invoke: (invocation) =>
      new Promise((resolve) => {
        running = { invocation, startedAt: performance.now(), handedAt: undefined, timer: undefined, settle: resolve };
        if (state === "returning") {
          // It does something else in between: another one takes the event.
          running.timer = ctx.timer(now() + returningMs, () => {
            giveBack();
            environment.retire();
          });
        }
        if (state === "starting")
          running.timer = ctx.timer(now() + limits.initMs + version.timeoutSeconds * 1000, () => timeOut());
        give();
      }),
    retire() {
      isRetired = true;
      if (running === undefined && (state === "free" || state === "returning")) finish();
    },
    isFree: (at) => (state === "free" || state === "returning") && expiresAt - at > credentialsMarginMs,
    next: (signal) =>
      new Promise((resolve) => {
        if (state === "ended") {
          resolve(undefined);
          return;
        }
        if (state === "starting") initMs = performance.now() - spawnedAt;
        hand = resolve;
        signal.addEventListener("abort", () => {
          if (hand === resolve) hand = undefined;
          resolve(undefined);
        });
        if (state === "returning") state = "free";
        give();
      }),
    answer(requestId, payload) {
      if (running?.invocation.requestId !== requestId) return false;
      if (payload.length > limits.syncResponseBytes) {
        const told = {
          errorType: "Function.ResponseSizeTooLarge",
          errorMessage: `Response payload size exceeded maximum allowed payload size (${limits.syncResponseBytes} bytes).`,
        };
        void settle("failed", Buffer.from(JSON.stringify(told)));
      } else void settle("succeeded", payload);
      return true;
    },
    fail(requestId, payload) {
      if (running?.invocation.requestId !== requestId) return false;
      void settle("failed", payload);
      return true;
    },
    failInit(payload) {
      if (state !== "starting") return false;
      initError = payload;
      return true;
    },
  };

  /** Tells the event's caller why the environment is no more. */
  const settleAtEnd = async (fault: EnvironmentFault) => {
    const wasStarted = state !== "starting";
    state = "ended";
    if (running === undefined) return;
    if (wasStarted && running.handedAt === undefined) {
      giveBack();
      return;
    }
    const { invocation, handedAt } = running;
    if (handedAt === undefined) log.platform(lines.start(version, stamp(), invocation.requestId));
    await (initError === undefined ? settle("failed", failure(invocation, fault), fault) : settle("failed", initError));
  };

  const run = async (signal: AbortSignal): Promise<void> => {
    signal.addEventListener("abort", () => finish());
    const temporary = host.workspace("lambda", "environments", id);
    const door = treeOf(id);
    try {
      const [task, layers, { port }, role] = await Promise.all([
        unpackedCode(host, version.code),
        unpackedLayers(
          host,
          version.layers.map(({ code }) => code),
        ),
        host.doors.open(door, { host: "127.0.0.1", port: 0 }),
        parts.credentials(),
        mkdir(temporary, { recursive: true }),
      ]);
      expiresAt = role.expiresAt;
      const program = await programOf(host, version.runtime, task, layers);
      log.platform(lines.initStart(version, stamp(), program.title));
      const environment = environmentVariables(ctx, version, {
        folders: { task, layers, temporary, cache: host.workspace("lambda", "cache") },
        runtimeApi: `127.0.0.1:${port}`,
        logStream: log.stream,
        credentials: role.credentials,
        machine: process.env,
      });
      const wrapper = environment["AWS_LAMBDA_EXEC_WRAPPER"];
      spawnedAt = performance.now();
      const started = await host.processes.start({
        treeId: door,
        command: wrapper === undefined ? program.command : inLayers(wrapper, layers),
        args: wrapper === undefined ? program.args : [program.command, ...program.args],
        cwd: task,
        environment,
        onOutput: (chunk) => log.output(chunk),
        limits: { memoryMib: version.memoryMib },
      });
      pid = started.pid;
      const exit = await Promise.race([started.exited, ending]);
      pid = undefined;
      await settleAtEnd(exit === undefined ? { kind: "exit", signal: "SIGKILL" } : { kind: "exit", ...exit });
    } catch (error) {
      await settleAtEnd({ kind: "start", reason: messageOf(error) });
    } finally {
      state = "ended";
      parts.onEnd();
      await Promise.all([host.processes.killTree(door), host.doors.close(door)]);
      await rm(temporary, { recursive: true, force: true });
      await log.drain();
    }
  };

  host.activities.start(treeOf(id), run);
  return environment;
}
