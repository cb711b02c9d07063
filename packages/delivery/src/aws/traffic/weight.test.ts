import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { targetGroupName } from "./weight.ts";

const part = fc.stringMatching(/^[a-zA-Z0-9._~^-]{1,40}$/);

describe("a target group's name", () => {
  it("tells what it can of the server group's", () => {
    expect(targetGroupName("playback-prod-v001")).toMatch(/^playback-prod-v001-[0-9a-f]{8}$/);
    expect(targetGroupName("a-very-long-application-prod-blue-v001")).toMatch(/^lication-prod-blue-v001-[0-9a-f]{8}$/);
  });

  it("is one that AWS allows, whatever the server group's is", () => {
    fc.assert(
      fc.property(part, (group) => {
        const name = targetGroupName(group);
        expect(name.length).toBeLessThanOrEqual(32);
        expect(name).toMatch(/^(?!-)[a-zA-Z0-9-]+(?<!-)$/);
      }),
    );
  });

  it("is another for each server group", () => {
    expect(targetGroupName("playback.v1")).not.toBe(targetGroupName("playback_v1"));
  });
});
