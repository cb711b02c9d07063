import { createHash } from "node:crypto";
import {
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
  type ECSClient,
  type RegisterTaskDefinitionCommandInput,
  type TaskDefinition,
} from "@aws-sdk/client-ecs";
import { TrysailError } from "@trysail/core";
import type { EcsCompute } from "../../fleet/model.ts";
import type { VersionEnvironment } from "../user-data.ts";
import { isNamed } from "../failures.ts";
import { tagKeys } from "../tags.ts";
import { tagList, tagsIn, type Tags } from "./tags.ts";

/** By which a revision is found again that was registered before an interruption. */
const tokenTag = "trysail:token";
/** How many of a family's newest revisions are looked at for it. */
const mostLookedAt = 10;

/** What a version's revision is made for. */
export interface Wanted {
  readonly cluster: string;
  readonly group: string;
  /** Its id: a group of the same name in another rollout is another. */
  readonly rollout: string;
  /** `s3://bucket/key`, which the fleet's image fetches itself; else an image. */
  readonly artifact: string;
  readonly environment: VersionEnvironment;
}

export interface MadeDefinition {
  /** `family:revision` */
  readonly name: string;
  /** Whether one of its containers has a health check. */
  readonly isChecked: boolean;
}

/**
 * A revision of the fleet's task definition whose container runs a version. Made once for each group of a rollout, however
 * often it is asked for: ECS knows no token, so what was registered before an interruption is found by its tags.
 *
 * @throws TrysailError `no-container` (fault: user)
 */
export async function createTaskDefinition(
  ecs: ECSClient,
  fleet: Pick<EcsCompute, "taskDefinition" | "container">,
  wanted: Wanted,
): Promise<MadeDefinition> {
  const { taskDefinition: source = {}, tags } = await describe(ecs, fleet.taskDefinition);
  const input = revisionOf(source, fleet.container, wanted);
  const token = createHash("sha256")
    .update(JSON.stringify([wanted.rollout, wanted.group, input]))
    .digest("hex")
    .slice(0, 32);
  const isChecked = (source.containerDefinitions ?? []).some(({ healthCheck }) => healthCheck !== undefined);
  const name = (await findMade(ecs, input.family ?? "", token)) ?? (await register(ecs, input, tagsFor()));
  return { name, isChecked };

  function tagsFor(): Tags {
    // Those of AWS itself, such as CloudFormation's, cannot be given.
    const copied = Object.entries(tagsIn(tags)).filter(([key]) => !key.startsWith("aws:"));
    return {
      ...Object.fromEntries(copied),
      [tagKeys.cluster]: wanted.cluster,
      [tagKeys.serverGroup]: wanted.group,
      [tokenTag]: token,
    };
  }
}

const describe = (ecs: ECSClient, taskDefinition: string) =>
  ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition, include: ["TAGS"] }));

/** What ECS tells of a revision, and takes for none. */
const toldOnly = [
  "taskDefinitionArn",
  "revision",
  "status",
  "requiresAttributes",
  "compatibilities",
  "registeredAt",
  "registeredBy",
  "deregisteredAt",
  "deleteRequestedAt",
] as const satisfies readonly (keyof TaskDefinition)[];

/** The fleet's own with the version's image and environment. What the container has by the same names is replaced. */
export function revisionOf(
  source: TaskDefinition,
  container: string,
  { artifact, environment }: Pick<Wanted, "artifact" | "environment">,
): RegisterTaskDefinitionCommandInput {
  const { family, containerDefinitions = [], ...rest } = source;
  if (!containerDefinitions.some(({ name }) => name === container))
    throw new TrysailError("no-container", `The task definition ${family} has no container ${container}.`, {
      fault: "user",
    });
  const others = Object.fromEntries(Object.entries(rest).filter(([key]) => !toldOnly.some((one) => one === key)));
  return {
    ...others,
    family,
    containerDefinitions: containerDefinitions.map((one) =>
      one.name !== container
        ? one
        : {
            ...one,
            image: artifact.startsWith("s3://") ? one.image : artifact,
            environment: [
              ...(one.environment ?? []).filter(({ name = "" }) => !(name in environment)),
              ...Object.entries(environment).map(([name, value]) => ({ name, value })),
            ],
          },
    ),
  };
}

async function findMade(ecs: ECSClient, family: string, token: string): Promise<string | undefined> {
  const { taskDefinitionArns = [] } = await ecs.send(
    new ListTaskDefinitionsCommand({ familyPrefix: family, status: "ACTIVE", sort: "DESC", maxResults: mostLookedAt }),
  );
  const told = await Promise.all(taskDefinitionArns.map((arn) => describe(ecs, arn)));
  const made = told.find(({ tags }) => tagsIn(tags)[tokenTag] === token)?.taskDefinition;
  return made === undefined ? undefined : nameOf(made);
}

const nameOf = ({ family, revision }: TaskDefinition): string => `${family}:${revision}`;

async function register(ecs: ECSClient, input: RegisterTaskDefinitionCommandInput, tags: Tags): Promise<string> {
  try {
    const { taskDefinition = {} } = await ecs.send(
      new RegisterTaskDefinitionCommand({ ...input, tags: tagList(tags) }),
    );
    return nameOf(taskDefinition);
  } catch (error) {
    // ECS has no error of its own for it: a canary and its baseline are made side by side.
    if (isNamed(error, "ClientException") && error instanceof Error && /too many concurrent/i.test(error.message))
      throw new TrysailError("family-busy", `Another revision of ${input.family} is being registered.`, {
        cause: error,
      });
    throw error;
  }
}

/** Its tasks go on, and none can be made of it any more but by services that have it. */
export async function deregisterTaskDefinition(ecs: ECSClient, taskDefinition: string): Promise<void> {
  try {
    await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition }));
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** One that is INACTIVE already, or not there. ECS has no error of its own for it. */
const isGone = (error: unknown): boolean =>
  isNamed(error, "ClientException", "InvalidParameterException") &&
  error instanceof Error &&
  /does not exist|not found|inactive|unable to describe/i.test(error.message);
