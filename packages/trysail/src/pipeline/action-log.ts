import type { Connection } from "../connection.ts";
import type { ActionView, ExecutionView } from "./execution-view.ts";

/** Where the lines of an action are. */
interface LogPlace {
  readonly group: string;
  readonly stream: string;
}

/** What a build has written. */
export interface ActionLog extends LogPlace {
  readonly stage: string;
  readonly action: string;
  readonly lines: readonly string[];
}

/**
 * The logs of the actions that have any, in the order of the pipeline.
 *
 * @param lastLines - of each, no more than these. @defaultValue all
 */
export async function actionLogs(
  connection: Connection,
  region: string,
  view: ExecutionView,
  wanted: (action: ActionView) => boolean,
  lastLines?: number,
): Promise<ActionLog[]> {
  const logs: ActionLog[] = [];
  for (const stage of view.stages) {
    for (const action of stage.actions.filter(wanted)) {
      const place = await placeOf(connection, region, action);
      if (place === undefined) continue;
      logs.push({
        stage: stage.name,
        action: action.name,
        ...place,
        lines: await readLines(connection, region, place, lastLines),
      });
    }
  }
  return logs;
}

/** Of a CodeBuild action the build tells it, of a Commands action its own result. */
async function placeOf(
  connection: Connection,
  region: string,
  { externalId, logStreamArn }: ActionView,
): Promise<LogPlace | undefined> {
  const [, group, stream] = /:log-group:([^:]+):log-stream:(.+)$/.exec(logStreamArn ?? "") ?? [];
  if (group !== undefined && stream !== undefined) return { group, stream };
  if (externalId === undefined || !/^[^:]+:[0-9a-f-]{36}$/.test(externalId)) return undefined;
  const { BatchGetBuildsCommand, CodeBuildClient } = await import("@aws-sdk/client-codebuild");
  const client = new CodeBuildClient(connection.configIn(region));
  const { builds = [] } = await client.send(new BatchGetBuildsCommand({ ids: [externalId] }));
  const { groupName, streamName } = builds[0]?.logs ?? {};
  return groupName === undefined || streamName === undefined ? undefined : { group: groupName, stream: streamName };
}

async function readLines(
  connection: Connection,
  region: string,
  { group, stream }: LogPlace,
  lastLines: number | undefined,
): Promise<string[]> {
  const { CloudWatchLogsClient, GetLogEventsCommand } = await import("@aws-sdk/client-cloudwatch-logs");
  const client = new CloudWatchLogsClient(connection.configIn(region));
  const at = { logGroupName: group, logStreamName: stream };
  const lines: string[] = [];
  // The token of the last page is the one that it was asked with.
  for (let nextToken: string | undefined; ;) {
    const page = await client.send(
      new GetLogEventsCommand({ ...at, startFromHead: lastLines === undefined, nextToken, limit: lastLines }),
    );
    lines.push(...(page.events ?? []).map(({ message = "" }) => message.replace(/\r?\n$/, "")));
    if (lastLines !== undefined || page.nextForwardToken === undefined || page.nextForwardToken === nextToken)
      return lines;
    nextToken = page.nextForwardToken;
  }
}
