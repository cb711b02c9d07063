import type { Version } from "../model.ts";
import { versionText } from "../model.ts";

/** What is reported of an invocation. */
export interface Report {
  readonly requestId: string;
  readonly durationMs: number;
  /** Of the first invocation of an environment: how long it took to start. */
  readonly initMs: number | undefined;
  /** Undefined where the system does not tell. */
  readonly maxMemoryMib: number | undefined;
  readonly status: "success" | "failure" | "error" | "timeout";
}

type Logged = Pick<Version, "number" | "memoryMib" | "logging" | "runtime">;

const round = (ms: number) => Math.round(ms * 100) / 100;

function isJson({ logging }: Logged): boolean {
  return logging.LogFormat === "JSON";
}

/** Lines of the platform below this level are left out, where the log is JSON. */
function isLogged({ logging }: Logged, level: "DEBUG" | "INFO"): boolean {
  const lowest = logging.SystemLogLevel ?? "INFO";
  return lowest === "DEBUG" || (lowest === "INFO" && level === "INFO");
}

function json(version: Logged, at: string, type: string, record: object): string[] {
  return isLogged(version, "INFO") ? [JSON.stringify({ time: at, type: `platform.${type}`, record })] : [];
}

/**
 * Lines of the platform's own, around what a function writes.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-view.html
 */
export const lines = {
  initStart(version: Logged, at: string, program: string): string[] {
    if (isJson(version)) {
      return json(version, at, "initStart", {
        initializationType: "on-demand",
        phase: "init",
        runtimeVersion: program,
        functionVersion: versionText(version.number),
      });
    }
    return [`INIT_START Runtime Version: ${program}`];
  },

  start(version: Logged, at: string, requestId: string): string[] {
    return isJson(version)
      ? json(version, at, "start", { requestId, version: versionText(version.number) })
      : [`START RequestId: ${requestId} Version: ${versionText(version.number)}`];
  },

  /** @param fault - what the platform itself has to say of the end */
  end(version: Logged, at: string, report: Report, fault: string | undefined): string[] {
    const { requestId, durationMs, initMs, maxMemoryMib, status } = report;
    const billedMs = Math.ceil(durationMs + (initMs ?? 0));
    if (isJson(version)) {
      return json(version, at, "report", {
        requestId,
        metrics: {
          durationMs: round(durationMs),
          billedDurationMs: billedMs,
          memorySizeMB: version.memoryMib,
          ...(maxMemoryMib !== undefined && { maxMemoryUsedMB: maxMemoryMib }),
          ...(initMs !== undefined && { initDurationMs: round(initMs) }),
        },
        status,
        ...(fault !== undefined && { errorType: fault }),
      });
    }
    const parts = [
      `REPORT RequestId: ${requestId}`,
      `Duration: ${durationMs.toFixed(2)} ms`,
      `Billed Duration: ${billedMs} ms`,
      `Memory Size: ${version.memoryMib} MB`,
      ...(maxMemoryMib === undefined ? [] : [`Max Memory Used: ${maxMemoryMib} MB`]),
      ...(initMs === undefined ? [] : [`Init Duration: ${initMs.toFixed(2)} ms`]),
      ...(status === "success" || status === "failure" ? [] : [`Status: ${status}`]),
      ...(status === "error" && fault !== undefined ? [`Error Type: ${fault}`] : []),
    ];
    return [`END RequestId: ${requestId}`, `${parts.join("\t")}\t`];
  },
};

/** `2026/01/31/[$LATEST]0123456789abcdef0123456789abcdef` */
export function streamName(version: Pick<Version, "number">, at: number, suffix: string): string {
  const day = new Date(at).toISOString().slice(0, 10).replaceAll("-", "/");
  return `${day}/[${versionText(version.number)}]${suffix}`;
}
