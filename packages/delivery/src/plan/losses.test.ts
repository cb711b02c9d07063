import { describe, expect, it } from "vitest";
import { noLosses, watchLosses, type Losses } from "./losses.ts";
import type { ServerGroup } from "./model.ts";
import { exactly } from "./goal.ts";
import { groupWith, instanceWith, newGroup, oldGroup } from "./specs.test-kit.ts";

/** A look at the new group: its instances by what they are, and how many it is to have. */
type Look = Readonly<Record<string, "starting" | "healthy" | "ill" | "ending" | "ended">>;

function groupOf(look: Look, desired: number, name = newGroup): ServerGroup {
  const instances = Object.entries(look).map(([id, is]) => {
    switch (is) {
      case "starting":
        return instanceWith(id, { lifecycle: "starting", health: "starting" });
      case "healthy":
        return instanceWith(id);
      case "ill":
        return instanceWith(id, { health: "unhealthy", reason: "code 500" });
      case "ending":
        return instanceWith(id, { lifecycle: "ending", health: "draining" });
      case "ended":
        return instanceWith(id, { lifecycle: "ending", health: "unhealthy", reason: "exit status 1" });
    }
  });
  return groupWith(name, { size: exactly(desired), instances });
}

/** What is known after looks at a group, each with its desired size. */
const after = (...looks: readonly (readonly [Look, number])[]): Losses =>
  looks.reduce((before, [look, desired]) => watchLosses(before, [groupOf(look, desired)]), noLosses);

describe("instances of a new version", () => {
  it.each<[string, readonly (readonly [Look, number])[], readonly string[]]>([
    [
      "start and get healthy: none is lost",
      [
        [{}, 2],
        [{ a: "starting", b: "starting" }, 2],
        [{ a: "healthy", b: "starting" }, 2],
        [{ a: "healthy", b: "healthy" }, 2],
      ],
      [],
    ],
    [
      "are not healthy yet: that is waited for, and no loss",
      [
        [{ a: "starting" }, 1],
        [{ a: "ill" }, 1],
        [{ a: "healthy" }, 1],
      ],
      [],
    ],
    [
      "fall ill",
      [
        [{ a: "healthy", b: "healthy" }, 2],
        [{ a: "ill", b: "healthy" }, 2],
      ],
      ["a: code 500"],
    ],
    [
      "fall ill after a look at which nobody knew how they were",
      [
        [{ a: "healthy" }, 1],
        [{ a: "starting" }, 1],
        [{ a: "ill" }, 1],
      ],
      ["a: code 500"],
    ],
    [
      "die",
      [
        [{ a: "healthy", b: "healthy" }, 2],
        [{ b: "healthy" }, 2],
      ],
      ["a: it is gone"],
    ],
    [
      "are on their way out, and say why",
      [
        [{ a: "healthy" }, 1],
        [{ a: "ended" }, 1],
      ],
      ["a: exit status 1"],
    ],
    [
      "die before they were ever healthy",
      [
        [{ a: "starting" }, 1],
        [{ b: "starting" }, 1],
        [{ c: "starting" }, 1],
      ],
      ["a: it is gone", "b: it is gone"],
    ],
    [
      "fall ill and then die: each counts once",
      [
        [{ a: "healthy" }, 1],
        [{ a: "ill" }, 1],
        [{ a: "ill" }, 1],
        [{ a: "ending", b: "starting" }, 1],
        [{ b: "healthy" }, 1],
      ],
      ["a: code 500"],
    ],
    [
      "fall ill, recover and fall ill again: each counts once",
      [
        [{ a: "healthy" }, 1],
        [{ a: "ill" }, 1],
        [{ a: "healthy" }, 1],
        [{ a: "ill" }, 1],
      ],
      ["a: code 500"],
    ],
    [
      "go because the group scaled in by itself: none is lost",
      [
        [{ a: "healthy", b: "healthy", c: "healthy" }, 3],
        [{ a: "healthy", b: "ending", c: "ending" }, 1],
        [{ a: "healthy" }, 1],
      ],
      [],
    ],
    [
      "go in a larger number than the group scaled in by: the others are lost",
      [
        [{ a: "healthy", b: "healthy", c: "healthy" }, 3],
        [{ a: "healthy" }, 2],
      ],
      ["c: it is gone"],
    ],
    [
      "go with nothing known of them before",
      [
        [{ a: "ending" }, 1],
        [{ b: "healthy" }, 1],
      ],
      [],
    ],
  ])("%s", (_, looks, lost) => {
    const known = after(...looks);
    expect(known.reasons).toEqual(lost);
    expect(known.lost).toBe(lost.length);
  });

  it("are remembered by how they were, each of them", () => {
    const look: Look = { a: "starting", b: "healthy", c: "ill", d: "ending" };
    expect(after([look, 4]).groups).toEqual({ [newGroup]: { a: "starting", b: "healthy", c: "starting" } });
  });

  it("that fall ill are told without a reason where none is known", () => {
    const [before, ill] = [instanceWith("a"), instanceWith("a", { health: "unhealthy" })].map((instance) =>
      groupWith(newGroup, { size: exactly(1), instances: [instance] }),
    );
    expect(watchLosses(watchLosses(noLosses, [before!]), [ill!]).reasons).toEqual(["a: unhealthy"]);
  });

  it("are counted over all groups, and apart: an instance of one is none of another", () => {
    const both = (a: Look, b: Look) => [groupOf(a, 1), groupOf(b, 1, oldGroup)];
    const known = watchLosses(noLosses, both({ a: "healthy" }, { b: "healthy" }));
    expect(watchLosses(known, both({}, { a: "healthy" }))).toMatchObject({
      lost: 2,
      reasons: ["a: it is gone", "b: it is gone"],
    });
  });

  it("are told of by the five newest reasons, and all are counted", () => {
    const looks = ["a", "b", "c", "d", "e", "f", "g"].map((id) => [{ [id]: "starting" }, 1] as [Look, number]);
    const { lost, reasons } = after(...looks);
    expect(lost).toBe(6);
    expect(reasons.map((reason) => reason[0])).toEqual(["b", "c", "d", "e", "f"]);
  });

  it("that are as before leave what is known the same object", () => {
    const known = after([{ a: "healthy" }, 1]);
    expect(watchLosses(known, [groupOf({ a: "healthy" }, 1)])).toBe(known);
  });

  it("are forgotten with their group", () => {
    const known = watchLosses(after([{ a: "healthy" }, 1]), []);
    expect(known).toEqual(noLosses);
  });
});
