import type { TaskDefinition } from "@aws-sdk/client-ecs";
import { expect, it } from "vitest";
import { revisionOf } from "./task-definition.ts";

const source: TaskDefinition = {
  family: "playback",
  revision: 7,
  taskDefinitionArn: "arn:aws:ecs:us-east-1:000000000000:task-definition/playback:7",
  status: "ACTIVE",
  compatibilities: ["EC2", "FARGATE"],
  requiresAttributes: [{ name: "com.amazonaws.ecs.capability.task-iam-role" }],
  registeredAt: new Date(0),
  registeredBy: "somebody",
  networkMode: "awsvpc",
  cpu: "256",
  taskRoleArn: "arn:role",
  containerDefinitions: [
    { name: "proxy", image: "envoy" },
    {
      name: "app",
      image: "base",
      environment: [
        { name: "PORT", value: "8080" },
        { name: "TRYSAIL_VERSION", value: "of none" },
      ],
    },
  ],
};
const environment = { TRYSAIL_VERSION: "two" };
const app = (image: string) => ({
  name: "app",
  image,
  environment: [
    { name: "PORT", value: "8080" },
    { name: "TRYSAIL_VERSION", value: "two" },
  ],
});

it("a version's revision is the fleet's with its image and environment, and without what ECS only tells", () => {
  expect(revisionOf(source, "app", { artifact: "acme/playback:2", environment })).toEqual({
    family: "playback",
    networkMode: "awsvpc",
    cpu: "256",
    taskRoleArn: "arn:role",
    containerDefinitions: [{ name: "proxy", image: "envoy" }, app("acme/playback:2")],
  });
});

it("an artifact in a bucket is for the fleet's own image", () => {
  const { containerDefinitions } = revisionOf(source, "app", { artifact: "s3://builds/two.zip", environment });
  expect(containerDefinitions).toContainEqual(app("base"));
});

it("a container that is not there is a mistake of the fleet", () => {
  expect(() => revisionOf(source, "web", { artifact: "acme/playback:2", environment })).toThrow(
    "The task definition playback has no container web.",
  );
});
