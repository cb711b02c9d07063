import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clusterName, nextSequence, parseServerGroupName, serverGroupName } from "./name.ts";

describe("a server group's name", () => {
  it.each([
    [{ app: "play", stack: undefined, detail: undefined }, "play-v003"],
    [{ app: "play", stack: "prod", detail: undefined }, "play-prod-v003"],
    [{ app: "play", stack: "prod", detail: "eu-west" }, "play-prod-eu-west-v003"],
    [{ app: "play", stack: undefined, detail: "canary" }, "play--canary-v003"],
  ])("%j is %s", (cluster, name) => {
    expect(serverGroupName(cluster, 3)).toBe(name);
    expect(parseServerGroupName(name)).toEqual({ ...cluster, sequence: 3 });
  });

  it("is read as it was written, whatever its parts are", () => {
    const part = fc.stringMatching(/^[a-zA-Z0-9._]{1,8}$/);
    const detail = fc.stringMatching(/^[a-zA-Z0-9._~^][a-zA-Z0-9._\-~^]{0,8}$/);
    const isNumber = (text: string | undefined) => text !== undefined && /(?:^|-)v\d{3,6}$/.test(text);
    const cluster = fc
      .record({
        app: part,
        stack: fc.option(part, { nil: undefined }),
        detail: fc.option(detail, { nil: undefined }),
      })
      .filter(({ stack, detail: own }) => !isNumber([stack, own].filter((one) => one !== undefined).join("-")));
    fc.assert(
      fc.property(cluster, fc.nat(999), (one, sequence) => {
        expect(parseServerGroupName(serverGroupName(one, sequence))).toEqual({ ...one, sequence });
      }),
    );
  });

  it("may belong to a group that no rollout has made", () => {
    expect(parseServerGroupName("play-prod")).toEqual({
      app: "play",
      stack: "prod",
      detail: undefined,
      sequence: undefined,
    });
    expect(parseServerGroupName("what is this")).toBeUndefined();
  });

  it("is refused with the part that is wrong", () => {
    const play = { app: "play", stack: undefined, detail: undefined };
    expect(() => clusterName({ ...play, app: "my-app" })).toThrow('The application "my-app" may have letters');
    expect(() => clusterName({ ...play, stack: "a b" })).toThrow('The stack "a b"');
    expect(() => clusterName({ ...play, detail: "v003" })).toThrow("ends like the number of a version");
  });
});

describe("the next sequence", () => {
  it("follows the newest, wraps, and leaves out what is taken", () => {
    expect(nextSequence(undefined, new Set())).toBe(0);
    expect(nextSequence(3, new Set([3, 4]))).toBe(5);
    expect(nextSequence(999, new Set([0]))).toBe(1);
    expect(nextSequence(5, new Set(Array.from({ length: 1000 }, (_, index) => index)))).toBeUndefined();
  });
});
