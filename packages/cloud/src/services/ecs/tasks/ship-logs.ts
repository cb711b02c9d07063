import { open } from "node:fs/promises";
import { parseRegion } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Host } from "../../../kernel/host.ts";
import type { Controller } from "../../../kernel/service.ts";
import type { WorkloadId } from "../../../runtime/workloads.ts";
import { tables } from "../store.ts";
import { workloadOf } from "./container-spec.ts";
import { toLines } from "./lines.ts";
import type { LogRow } from "./rows.ts";

/** Read and sent at once: what PutLogEvents takes. */
const batchBytes = 512 * 1024;

/** Takes what containers write to their log streams. */
export const shipLogs: Controller<LogRow> = {
  name: "ship-logs",
  watches: [tables.logs],
  keyOf: ({ key, value }) => (value === undefined ? undefined : (key as [string, string]).join("/")),

  listens(host, queue) {
    const look = ({ service, account, region, name }: WorkloadId) => {
      if (service === "ecs") queue({ account, region }, name);
    };
    const offs = [host.workloads.onOutput(look), host.workloads.onChange(look)];
    return () => offs.forEach((off) => off());
  },

  async reconcile(ctx, name) {
    const [task = "", container = ""] = name.split("/");
    for (;;) {
      const row = ctx.table(tables.logs).get([task, container]);
      if (row === undefined || row.failed) return;
      const next = await ship(ctx, row, task, container);
      if (next === row) return;
      ctx.transaction(() => {
        // The task may have been forgotten meanwhile.
        if (ctx.table(tables.logs).has([task, container])) ctx.table(tables.logs).put([task, container], next);
      });
      ctx.host.workloads.releaseOutput(workloadOf(ctx, task, container), next.sentBytes);
    }
  },
};

/** Where a container writes, and whether it has written all. */
function outputOf(host: Host, id: WorkloadId): { readonly file: string; readonly isComplete: boolean } | undefined {
  const found = host.workloads.find(id);
  return found === undefined ? undefined : { file: found.outputFile, isComplete: found.state === "ended" };
}

/** Sends what has come since. The row is the same if nothing has. */
async function ship(ctx: Context, row: LogRow, task: string, container: string): Promise<LogRow> {
  const output = outputOf(ctx.host, workloadOf(ctx, task, container));
  if (output === undefined) return row;
  const chunk = await readFrom(output.file, row.sentBytes);
  const { messages, bytes } = toLines(chunk, output.isComplete || chunk.length === batchBytes);
  if (bytes === 0) return row;
  const there = ctx.as({ region: parseRegion(row.region) ?? ctx.region });
  try {
    if (messages.length > 0)
      await there.call.logs.putLogEvents({
        logGroupName: row.group,
        logStreamName: row.stream,
        logEvents: messages.map((message) => ({ timestamp: there.now, message })),
      });
  } catch (error) {
    if (!isAwsError(error)) throw error;
    ctx.log.warn("a container's log cannot be written", { task, container, error: error.message });
    return { ...row, failed: true };
  }
  return { ...row, sentBytes: row.sentBytes + bytes };
}

async function readFrom(path: string, position: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(batchBytes), 0, batchBytes, position);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
