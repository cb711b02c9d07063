import type { Context, DeliveredEvent } from "../../kernel/context.ts";
import { isAwsError } from "../../kernel/errors.ts";
import type { Subscription } from "../../kernel/service.ts";
import type { SourceOverride } from "./engine/state.ts";
import type { Action, Definition } from "./model/definition.ts";
import { interestsIn, passesFilters, sourceActions } from "./model/triggers.ts";
import type { Interest, PushedReference } from "./model/triggers.ts";
import { startExecution } from "./start.ts";
import { definitionOf, tables, wakeRun } from "./store.ts";
import { webhookPayload, webhooksFor } from "./webhook.ts";

const bucketKey = ({ name }: { readonly name: string }) => `s3:${name}`;

/** Under what a source action's pipeline is told of changes: names of hosts' repositories ignore case. */
function sourceKeyOf({ actionTypeId, configuration }: Action): string | undefined {
  const value = (key: string) => configuration?.[key] ?? "";
  switch (actionTypeId.provider) {
    case "CodeStarSourceConnection":
      return `connected:${value("FullRepositoryId").toLowerCase()}`;
    case "GitHub":
      return `connected:${value("Owner")}/${value("Repo")}`.toLowerCase();
    case "CodeCommit":
      return `codecommit:${value("RepositoryName")}`;
    case "S3":
      return bucketKey({ name: value("S3Bucket") });
    default:
      return undefined;
  }
}

/** Notes what the sources of a pipeline are, in place of what they were. Inside of a transaction. */
export function watchSources(ctx: Context, before: Definition | undefined, now: Definition | undefined): void {
  const { account, region } = ctx;
  const watchers = ctx.table(tables.watchers);
  const keysOf = (definition: Definition) =>
    new Set(sourceActions(definition).flatMap((action) => sourceKeyOf(action) ?? []));
  const othersThan = (pipeline: string, key: string) =>
    (watchers.get(key) ?? []).filter(
      (watcher) => watcher.pipeline !== pipeline || watcher.account !== account || watcher.region !== region,
    );
  if (before !== undefined) {
    for (const key of keysOf(before)) {
      const others = othersThan(before.name, key);
      if (others.length > 0) watchers.put(key, others);
      else watchers.delete(key);
    }
  }
  if (now !== undefined) {
    for (const key of keysOf(now))
      watchers.put(key, [...othersThan(now.name, key), { account, region, pipeline: now.name }]);
  }
}

/** The pipelines that watch a source, each in its own context. */
function* watching(
  ctx: Context,
  source: string,
): Generator<{ readonly home: Context; readonly definition: Definition }> {
  for (const { account, region, pipeline: name } of ctx.table(tables.watchers).get(source) ?? []) {
    const home = ctx.as({ account, region });
    const pipeline = home.table(tables.pipelines).get(name);
    if (pipeline !== undefined) yield { home, definition: definitionOf(home, name, pipeline.version) };
  }
}

/** Starts an execution that nobody waits for: one too many is told of in the log. */
function start(home: Context, definition: Definition, request: Parameters<typeof startExecution>[2]): void {
  try {
    startExecution(home, definition.name, request);
  } catch (error) {
    if (!isAwsError(error)) throw error;
    home.log.warn("a change has started no execution", { pipeline: definition.name, error: error.message });
  }
}

/** A member of an event's detail that is a text; empty if it is not there. */
function textIn({ detail }: DeliveredEvent, key: string): string {
  const value = detail[key];
  return typeof value === "string" ? value : "";
}

const isMove = (event: DeliveredEvent) =>
  event.detail["event"] === "referenceCreated" || event.detail["event"] === "referenceUpdated";

/** Starts the pipelines that watch the branch or tag which a push has moved. */
export const pushes: Subscription = {
  name: "codepipeline-pushes",
  matches: (event) =>
    isMove(event) &&
    ((event.source === "aws.codecommit" && event.detailType === "CodeCommit Repository State Change") ||
      (event.source === "trysail.git" && event.detailType === "Repository State Change")),
  async handle(ctx, event) {
    const text = (key: string) => textIn(event, key);
    const isConnected = event.source === "trysail.git";
    const repository = isConnected ? text("fullRepositoryName") : text("repositoryName");
    const pushed: PushedReference = {
      host: isConnected ? "connected" : "codecommit",
      repository,
      reference: text("referenceType") === "tag" ? "tag" : "branch",
      name: text("referenceName"),
    };
    const commitId = text("commitId");
    let files: readonly string[] | undefined;
    const changedFiles = async () =>
      (files ??= await ctx.host.git.changedFiles(
        `github/${repository}`,
        event.detail["oldCommitId"] as string | undefined,
        commitId,
      ));
    for (const { home, definition } of watching(
      ctx,
      isConnected ? `connected:${repository.toLowerCase()}` : `codecommit:${repository}`,
    )) {
      if (!isConnected && (home.account !== event.account || home.region !== event.region)) continue;
      for (const interest of interestsIn(definition, pushed)) {
        const request = await requestOf(home, definition, interest, pushed, commitId, changedFiles);
        if (request === undefined) continue;
        start(home, definition, { ...request, token: `event:${event.id}` });
        break;
      }
    }
  },
};

async function requestOf(
  home: Context,
  definition: Definition,
  interest: Interest,
  pushed: PushedReference,
  commitId: string,
  changedFiles: () => Promise<readonly string[]>,
): Promise<Parameters<typeof startExecution>[2] | undefined> {
  const { action } = interest;
  switch (interest.by) {
    case "connection": {
      const namesFiles = interest.filters?.some(({ filePaths }) => filePaths !== undefined) === true;
      if (!passesFilters(interest.filters, pushed, namesFiles ? await changedFiles() : [])) return undefined;
      const override: SourceOverride = {
        actionName: action.name,
        revisionType: "COMMIT_ID",
        revisionValue: commitId,
        ...(pushed.reference === "branch" && { branch: pushed.name }),
      };
      return {
        trigger: { type: "WebhookV2", detail: action.configuration?.["ConnectionArn"] ?? "" },
        sourceOverrides: [override],
      };
    }
    case "polling":
      return { trigger: { type: "PollForSourceChanges", detail: action.name } };
    case "webhook": {
      // The push was to Trysail's copy, of which GitHub tells nobody: what it would have sent is made up.
      const [webhook] = webhooksFor(home, definition.name, action, webhookPayload(pushed, commitId));
      if (webhook === undefined) return undefined;
      home.transaction(() =>
        home
          .table(tables.webhooks)
          .put(webhook.definition.name, { ...webhook, lastTriggered: home.now, error: undefined }),
      );
      return { trigger: { type: "Webhook", detail: webhook.arn } };
    }
  }
}

/** Starts the pipelines whose source is the object that was written. */
export const objects: Subscription = {
  name: "codepipeline-objects",
  matches: (event, ctx) =>
    event.source === "aws.s3" &&
    event.detailType === "Object Created" &&
    ctx.table(tables.watchers).has(bucketKey(event.detail["bucket"] as { name: string })),
  handle(ctx, event) {
    const { bucket, object } = event.detail as {
      readonly bucket: { readonly name: string };
      readonly object: { readonly key: string };
    };
    for (const { home, definition } of watching(ctx, bucketKey(bucket))) {
      const action = sourceActions(definition).find(
        ({ actionTypeId, configuration }) =>
          actionTypeId.provider === "S3" &&
          configuration?.["S3Bucket"] === bucket.name &&
          configuration["S3ObjectKey"] === object.key &&
          configuration["PollForSourceChanges"] !== "false",
      );
      if (action === undefined) continue;
      start(home, definition, {
        trigger: { type: "PollForSourceChanges", detail: action.name },
        token: `event:${event.id}`,
      });
    }
    return Promise.resolve();
  },
};

/** Wakes runs when the build, stack, execution, deployment or alarm that they wait for has got on. */
export const wakes: Subscription = {
  name: "codepipeline-wakes",
  matches: (event) => awaitedBy(event) !== undefined,
  handle(ctx, event) {
    const awaited = awaitedBy(event);
    if (awaited !== undefined) wakeRun(ctx, awaited);
    return Promise.resolve();
  },
};

/** States of an execution that has not ended. */
const goesOn = ["STARTED", "RESUMED", "STOPPING"];

function awaitedBy(event: DeliveredEvent): Parameters<typeof wakeRun>[1] | undefined {
  switch (`${event.source}/${event.detailType}`) {
    case "aws.codebuild/CodeBuild Build State Change":
      return textIn(event, "build-status") === "IN_PROGRESS" ? undefined : ["build", textIn(event, "build-id")];
    case "aws.cloudwatch/CloudWatch Alarm State Change":
      return ["alarm", event.resources?.[0] ?? ""];
    case "aws.cloudformation/CloudFormation Stack Status Change":
      return ["stack", textIn(event, "stack-id")];
    case "aws.ecs/ECS Deployment State Change":
      return textIn(event, "eventName") === "SERVICE_DEPLOYMENT_IN_PROGRESS"
        ? undefined
        : ["deployment", textIn(event, "deploymentId")];
    case "aws.codepipeline/CodePipeline Pipeline Execution State Change":
      return goesOn.includes(textIn(event, "state")) ? undefined : ["execution", textIn(event, "execution-id")];
    default:
      return undefined;
  }
}
