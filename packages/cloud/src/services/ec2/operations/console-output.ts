import { open } from "node:fs/promises";
import { codeOf } from "@trysail/core";
import type { Handler } from "../../../kernel/service.ts";
import { endDryRun } from "../handling.ts";
import { consoleOf, instanceFolder } from "../instances/folder.ts";
import { kinds } from "../kinds.ts";
import { find } from "../resources-of-kind.ts";
import type { Sdk } from "../sdk.ts";

/** What is told at most: the end of the log. @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetConsoleOutput.html */
const longestBytes = 64 * 1024;

/**
 * What the user data's scripts and the programs in the foreground have written.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetConsoleOutput.html
 */
export const getConsoleOutput: Handler<Sdk, "getConsoleOutput"> = async (ctx, input) => {
  const { id } = find(ctx, kinds.instance, input.InstanceId);
  endDryRun(input);
  const found = await endOf(consoleOf(instanceFolder(ctx, id)));
  return {
    InstanceId: id,
    Timestamp: found?.changedAt ?? new Date(ctx.now),
    Output: (found?.bytes ?? Buffer.alloc(0)).toString("base64"),
  };
};

async function endOf(file: string): Promise<{ readonly bytes: Buffer; readonly changedAt: Date } | undefined> {
  try {
    const handle = await open(file, "r");
    try {
      const { size, mtime } = await handle.stat();
      const bytes = Buffer.alloc(Math.min(size, longestBytes));
      await handle.read(bytes, 0, bytes.length, size - bytes.length);
      return { bytes, changedAt: mtime };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}
