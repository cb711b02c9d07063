import type { LogConfiguration } from "@aws-sdk/client-ecs";
import { parseRegion } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { CannotStart } from "./cannot-start.ts";
import type { LogRow } from "./rows.ts";

/** Where a container's log goes: `prefix/container/task`, or the container's id where there is no prefix. */
export function logRow(
  log: LogConfiguration,
  names: { readonly task: string; readonly container: string; readonly containerId: string },
): LogRow {
  const options = log.options ?? {};
  const prefix = options["awslogs-stream-prefix"];
  return {
    group: options["awslogs-group"] ?? "",
    region: options["awslogs-region"] ?? "",
    stream: prefix === undefined ? names.containerId : `${prefix}/${names.container}/${names.task}`,
    sentBytes: 0,
    failed: false,
  };
}

async function unlessThere(made: Promise<unknown>): Promise<void> {
  try {
    await made;
  } catch (error) {
    if (!isAwsError(error, "ResourceAlreadyExistsException")) throw error;
  }
}

/** Makes the stream of a log, and its group where `awslogs-create-group` says so. @throws CannotStart */
export async function openLogStream(ctx: Context, row: LogRow, log: LogConfiguration): Promise<void> {
  const { logs } = ctx.as({ region: parseRegion(row.region) ?? ctx.region }).call;
  try {
    if (log.options?.["awslogs-create-group"] === "true")
      await unlessThere(logs.createLogGroup({ logGroupName: row.group }));
    await unlessThere(logs.createLogStream({ logGroupName: row.group, logStreamName: row.stream }));
  } catch (error) {
    if (!isAwsError(error)) throw error;
    throw new CannotStart(
      `ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ${error.code}: ${error.message} : exit status 1`,
    );
  }
}
