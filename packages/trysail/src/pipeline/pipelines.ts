import { setTimeout as wait } from "node:timers/promises";
import type { CodePipelineClient } from "@aws-sdk/client-codepipeline";
import { TrysailError } from "@trysail/core";
import type { Connection } from "../connection.ts";
import { usageError } from "../failure.ts";

/** How often a next execution is looked for: AWS's API has nothing that tells of it. */
const lookMs = 100;

/** A pipeline in the region where it is, and the client for it. */
export interface FoundPipeline {
  readonly name: string;
  readonly region: string;
  readonly client: CodePipelineClient;
}

/** The pipelines of the region, or of all regions that Trysail came up with. */
export async function allPipelines(connection: Connection, region: string | undefined): Promise<FoundPipeline[]> {
  const { CodePipelineClient, paginateListPipelines } = await import("@aws-sdk/client-codepipeline");
  const regions = region === undefined ? connection.instance.regions : [region];
  const found = await Promise.all(
    regions.map(async (each) => {
      const client = new CodePipelineClient(connection.configIn(each));
      const names: string[] = [];
      for await (const { pipelines = [] } of paginateListPipelines({ client }, {}))
        names.push(...pipelines.map(({ name = "" }) => name));
      return names.map((name) => ({ name, region: each, client }));
    }),
  );
  return found.flat();
}

/**
 * The pipeline that a command means.
 *
 * @throws TrysailError `pipeline-not-found`, `usage` where the name is needed
 */
export async function findPipeline(
  connection: Connection,
  name: string | undefined,
  region: string | undefined,
): Promise<FoundPipeline> {
  const all = await allPipelines(connection, region);
  const matching = name === undefined ? all : all.filter((pipeline) => pipeline.name === name);
  const [first] = matching;
  if (first !== undefined && matching.length === 1) return first;
  const listed = all.map((pipeline) => `${pipeline.name} (${pipeline.region})`).join(", ");
  if (first === undefined) {
    throw new TrysailError(
      "pipeline-not-found",
      name === undefined ? "There is no pipeline yet." : `There is no pipeline "${name}".`,
      {
        fault: "user",
        next: all.length === 0 ? "Deploy one with: trysail exec -- cdk deploy" : `There are: ${listed}.`,
      },
    );
  }
  if (name === undefined) throw usageError(`There are several pipelines: ${listed}.`, "Name the one that is meant.");
  throw usageError(`There is a pipeline "${name}" in several regions: ${listed}.`, "Give --region.");
}

/**
 * The latest execution's id.
 *
 * @throws TrysailError `execution-not-found`
 */
export async function latestExecution({ name, client }: FoundPipeline): Promise<string> {
  const id = await newestExecution({ name, client });
  if (id !== undefined) return id;
  throw new TrysailError("execution-not-found", `The pipeline ${name} has not run yet.`, {
    fault: "user",
    next: `Push to its repository, or start it with: trysail pipeline start ${name}`,
  });
}

/** The latest execution's id; undefined before the first. */
export async function newestExecution({
  name,
  client,
}: Pick<FoundPipeline, "name" | "client">): Promise<string | undefined> {
  const { ListPipelineExecutionsCommand } = await import("@aws-sdk/client-codepipeline");
  const { pipelineExecutionSummaries = [] } = await client.send(
    new ListPipelineExecutionsCommand({ pipelineName: name, maxResults: 1 }),
  );
  return pipelineExecutionSummaries[0]?.pipelineExecutionId;
}

/** Waits for an execution that comes after that one, or for the first. */
export async function nextExecution(
  pipeline: FoundPipeline,
  after: string | undefined,
  signal?: AbortSignal,
): Promise<string> {
  for (;;) {
    const newest = await newestExecution(pipeline);
    if (newest !== undefined && newest !== after) return newest;
    await wait(lookMs, undefined, { signal });
  }
}
