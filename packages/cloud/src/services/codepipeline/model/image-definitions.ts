import type { Tag, TaskDefinition } from "@aws-sdk/client-ecs";
import { TrysailError } from "@trysail/core";
import type { Input } from "../../../kernel/sdk-types.ts";

type RegisterInput = Input<typeof import("@aws-sdk/client-ecs"), "registerTaskDefinition">;

/** Which image a container is to have. */
export interface ImageDefinition {
  readonly name: string;
  readonly imageUri: string;
}

const wrong = (message: string) => new TrysailError("invalid-configuration", message, { fault: "user" });

/**
 * Reads an image definitions file.
 *
 * @throws TrysailError `invalid-configuration` (fault: user)
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html#pipelines-create-image-definitions
 */
export function parseImageDefinitions(file: string, text: string): readonly ImageDefinition[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw wrong(`The image definition file ${file} contains invalid JSON format`);
  }
  if (!Array.isArray(parsed) || parsed.length === 0 || !parsed.every(isImageDefinition))
    throw wrong(`The image definition file ${file} must be a list of objects with a name and an imageUri`);
  return parsed;
}

function isImageDefinition(value: unknown): value is ImageDefinition {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    typeof value.name === "string" &&
    "imageUri" in value &&
    typeof value.imageUri === "string"
  );
}

/**
 * A task definition's next revision, whose containers have these images.
 *
 * @throws TrysailError `invalid-configuration` (fault: user) if it has no such container
 */
export function withImages(
  definition: TaskDefinition,
  tags: readonly Tag[],
  images: readonly ImageDefinition[],
): RegisterInput {
  // What ECS adds to a revision is not to be given to the next one.
  const {
    taskDefinitionArn,
    revision: _revision,
    status: _status,
    requiresAttributes: _attributes,
    compatibilities: _compatibilities,
    registeredAt: _registeredAt,
    registeredBy: _registeredBy,
    deregisteredAt: _deregisteredAt,
    ...declared
  } = definition;
  const containers = definition.containerDefinitions ?? [];
  const unknown = images.find(({ name }) => !containers.some((container) => container.name === name));
  if (unknown !== undefined)
    throw wrong(`The task definition ${taskDefinitionArn} does not contain a container with the name ${unknown.name}`);
  return {
    ...declared,
    family: definition.family ?? "",
    containerDefinitions: containers.map((container) => ({
      ...container,
      image: images.find(({ name }) => name === container.name)?.imageUri ?? container.image,
    })),
    ...(tags.length > 0 && { tags: [...tags] }),
  };
}
