import { expect, it } from "vitest";
import { serviceName } from "./names.ts";

it("a service has its server group's name, where ECS allows it", () => {
  expect(serviceName("playback-prod_eu-v003")).toBe("playback-prod_eu-v003");
});

it("letters that ECS does not allow are replaced, and no two groups get one name", () => {
  const names = ["play.back-v003", "play-back-v003", "play~back-v003", "play^back-v003"].map(serviceName);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^play-back-v003(-[0-9a-f]{8})?$/);
});

it("a name that is too long for ECS is cut, and is its own still", () => {
  const [one = "", other = ""] = ["v001", "v002"].map((end) => serviceName(`${"a".repeat(300)}-${end}`));
  expect(one).toHaveLength(255);
  expect(one).not.toBe(other);
});
