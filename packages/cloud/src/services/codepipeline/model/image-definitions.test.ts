import { expect, it } from "vitest";
import { parseImageDefinitions, withImages } from "./image-definitions.ts";

it("reads which image each container is to have", () => {
  expect(parseImageDefinitions("f.json", `[{"name":"app","imageUri":"shop:2"}]`)).toEqual([
    { name: "app", imageUri: "shop:2" },
  ]);
});

it.each([
  ["{", /The image definition file f.json contains invalid JSON format/],
  ["[]", /must be a list/],
  [`{"ImageURI":"x"}`, /must be a list/],
  [`[{"name":"app"}]`, /must be a list/],
])("refuses %s", (text, message) => {
  expect(() => parseImageDefinitions("f.json", text)).toThrow(message);
});

const definition = {
  taskDefinitionArn: "arn:aws:ecs:us-east-1:000000000000:task-definition/shop:3",
  family: "shop",
  revision: 3,
  status: "ACTIVE" as const,
  compatibilities: ["EC2" as const],
  registeredBy: "someone",
  cpu: "256",
  containerDefinitions: [
    { name: "app", image: "shop:1", memory: 64 },
    { name: "proxy", image: "proxy:1" },
  ],
};

it("makes the next revision of the same, but for the images", () => {
  expect(withImages(definition, [{ key: "a", value: "b" }], [{ name: "app", imageUri: "shop:2" }])).toEqual({
    family: "shop",
    cpu: "256",
    containerDefinitions: [
      { name: "app", image: "shop:2", memory: 64 },
      { name: "proxy", image: "proxy:1" },
    ],
    tags: [{ key: "a", value: "b" }],
  });
});

it("refuses an image for a container that is not there", () => {
  expect(() => withImages(definition, [], [{ name: "web", imageUri: "shop:2" }])).toThrow(
    /does not contain a container with the name web/,
  );
});
