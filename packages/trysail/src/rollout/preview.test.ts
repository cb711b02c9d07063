import type { Observation, RolloutSpec } from "@trysail/delivery";
import { describe, expect, it } from "vitest";
import { styleOf } from "../terminal/terminal.ts";
import { previewLines } from "./preview-lines.ts";
import { previewOf } from "./preview.ts";
import { after, begin, canary, fresh, group, old, size, spec } from "./rollout.test-kit.ts";

const look = { style: styleOf(false), columns: 100 };

const seen = (given: Partial<Observation> = {}): Observation => ({
  kind: "seen",
  at: begin,
  traffic: "attachment",
  capacity: { min: 2, desired: 2, max: 4 },
  groups: [
    group("playback-prod-v010", { id: "5d0", artifact: "s3://builds/older.zip" }, [], { createdAt: after(-200) }),
    group("playback-prod-v011", old, ["healthy", "healthy", "healthy", "healthy"], { size, createdAt: after(-100) }),
  ],
  alarms: [],
  ...given,
});

const everywhere = { "us-west-2": seen(), "us-east-1": seen(), "eu-west-1": seen() };

const linesOf = (
  of: RolloutSpec,
  observations: Parameters<typeof previewOf>[3],
  kind: "rollout" | "rollback" = "rollout",
) => previewLines(previewOf(of, fresh, kind, observations, begin), begin, look);

describe("what a rollout would do", () => {
  it("is told by wave and region: from what to what, by which steps and waits, and what becomes of the old", () => {
    const small = {
      ...spec,
      waves: spec.waves.map((wave, index) => (index === 0 ? wave : { ...wave, regions: ["us-east-1"] })),
    };
    expect(linesOf(small, everywhere)).toEqual([
      "playback-prod  8f3a2c1  s3://builds/new.zip",
      "",
      "wave 1",
      "  us-west-2",
      "    from     playback-prod-v011 (71ac0de), 4 instances (4 to 8)",
      "    to       playback-prod-v012, a new group of 8f3a2c1, 4 instances (4 to 8)",
      "    canary   playback-prod-canary-v000 against playback-prod-baseline-v000, made of 71ac0de",
      "    keeps    playback-prod-v011, without instances, to go back to",
      "    deletes  playback-prod-v010",
      "     1  canary             1 instance   3 judgements in 30 min",
      "     2  end of the canary",
      "     3  50 % new           2 instances  then 1 min",
      "     4  50 % shifted",
      "     5  100 % new          4 instances  then 1 min",
      "     6  100 % shifted",
      "     7  promotion",
      "     8  scale-down",
      "     9  clean-up",
      "  then 10 min of bake time, in which these regions are still watched",
      "",
      "wave 2",
      "  us-east-1",
      "    from     playback-prod-v011 (71ac0de), 4 instances (4 to 8)",
      "    to       playback-prod-v012, a new group of 8f3a2c1, 4 instances (4 to 8)",
      "    keeps    playback-prod-v011, without instances, to go back to",
      "    deletes  playback-prod-v010",
      "     1  50 % new       2 instances  then 1 min",
      "     2  50 % shifted",
      "     3  100 % new      4 instances  then 1 min",
      "     4  100 % shifted",
      "     5  promotion",
      "     6  scale-down",
      "     7  clean-up",
      "",
      "It waits 44 min in all, besides what instances take to start and to end.",
    ]);
  });

  it("counts the longest of a wave's regions, and no bake time after the last wave", () => {
    const wide = { ...spec, waves: [{ regions: ["us-west-2", "us-east-1"], bakeMs: 600_000 }] };
    expect(previewOf(wide, fresh, "rollout", everywhere, begin).waitsMs).toBe(32 * 60_000);
  });

  it("counts a person's promotions", () => {
    const strategy = { ...spec.strategy, pause: { kind: "promote" } } as const;
    const lines = linesOf({ ...spec, strategy, canary: undefined }, everywhere);
    expect(lines.at(-1)).toBe(
      "It waits 10 min in all, and 6 times for a person, besides what instances take to start and to end.",
    );
    expect(lines.filter((line) => line.endsWith("then until `trysail rollout promote`"))).toHaveLength(6);
  });

  it.each([
    [
      "highlander",
      { type: "highlander", percentages: [100], keep: 0 },
      undefined,
      "playback-prod-v010, playback-prod-v011",
    ],
    [
      "red/black without scale-down",
      { type: "red-black", percentages: [100], scaleDown: false },
      "at its size and without traffic, to go back to",
      "playback-prod-v010",
    ],
    ["none", { type: "none", percentages: [100] }, "which goes on serving beside it", undefined],
  ] as const)("with %s tells what becomes of the old groups", (_, strategy, kept, deleted) => {
    const one = { ...spec, canary: undefined, waves: [{ regions: ["us-west-2"], bakeMs: 0 }] };
    const lines = linesOf({ ...one, strategy: { ...spec.strategy, ...strategy } }, everywhere);
    const told = (name: string) => lines.find((line) => line.trimStart().startsWith(name))?.trim();
    expect(told("keeps")).toBe(kept && `keeps    playback-prod-v011, ${kept}`);
    // The groups of a region are told in one line: the order is that of their deletion.
    expect(told("deletes")?.replace("deletes  ", "").split(", ").toSorted().join(", ")).toBe(deleted);
  });

  it("says where there is no canary, which windows are shut and which alarms would undo it", () => {
    const shut = { timeZone: "UTC", windows: [{ days: ["Mon"], from: 540, to: 1020 }], freezes: [] } as const;
    const never = { timeZone: "UTC", windows: [{ days: [], from: 0, to: 1 }], freezes: [] } as const;
    const lines = linesOf(
      { ...spec, canary, windows: { "us-west-2": shut, "us-east-1": never } },
      { ...everywhere, "us-west-2": seen({ groups: [], alarms: ["high-errors"] }) },
    );
    expect(lines).toContain("    from     nothing: it is the first");
    expect(lines).toContain("    to       playback-prod-v000, a new group of 8f3a2c1, 2 instances (2 to 4)");
    expect(lines).toContain("    canary   none: nothing serves there that it could be compared with");
    // 2026-11-27 is a Friday.
    expect(lines).toContain("    shut     until 2026-11-30T09:00Z, which is in 3 d 2 h");
    expect(lines).toContain("    shut     for ever: see the spec's windows");
    expect(lines).toContain("    alarm    high-errors in ALARM: it would be undone at once");
    expect(lines.some((line) => /^ +1 {2}canary/.test(line))).toBe(false);
  });

  it("says where it cannot be begun, and that nothing would be changed there", () => {
    const denied = {
      kind: "unreachable",
      at: begin,
      code: "AccessDenied",
      message: "Access is denied.",
      isTransient: false,
    } as const;
    const untagged = seen({ groups: [group("playback-prod-v011", undefined, ["healthy"])] });
    const lines = linesOf(spec, { ...everywhere, "us-west-2": untagged, "us-east-1": denied });
    expect(lines.some((line) => line.startsWith("    cannot   playback-prod-v011 tells no version"))).toBe(true);
    expect(lines).toContain("    cannot   Access is denied.");
    expect(lines.at(-1)).toBe("It would end in us-west-2, us-east-1, and nothing would be changed there.");
  });

  it("going back takes a group that is kept, and no canary", () => {
    const kept = group("playback-prod-v010", fresh, [], { createdAt: after(-200) });
    const lines = linesOf(
      spec,
      { ...everywhere, "us-west-2": seen({ groups: [kept, ...seen().groups.slice(1)] }) },
      "rollback",
    );
    expect(lines[0]).toBe("playback-prod  back to 8f3a2c1  s3://builds/new.zip");
    expect(lines).toContain("    to       playback-prod-v010, kept since, of 8f3a2c1, 4 instances (4 to 8)");
    expect(lines.join("\n")).not.toContain("canary");
  });
});
