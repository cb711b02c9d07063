import type { RolloutStore } from "@trysail/delivery";
import { expect, it } from "vitest";
import { changeLines } from "./changes.ts";
import { followRollout } from "./follow-rollout.ts";
import { rolloutLines } from "./render.ts";
import { after, memoryStore, storeAll } from "./rollout.test-kit.ts";
import type { ShownRollout } from "./shown.ts";
import { signs } from "./signs.ts";
import { styleOf } from "../terminal/terminal.ts";

const id = "playback-prod.1";

/** Looks as often as there are reads; each takes a second. */
async function followed(store: RolloutStore, reads: readonly ("read" | "fails" | "over")[]) {
  let look = -1;
  let time = 0;
  const read: RolloutStore["read"] = async (of) => {
    look += 1;
    if (reads[look] === "fails") throw new Error("read ECONNRESET");
    const found = await store.read(of);
    return reads[look] === "over" && found !== undefined
      ? { ...found, value: { ...found.value, rollout: { ...found.value.rollout, status: "succeeded" } } }
      : found;
  };
  const seen: ShownRollout[] = [];
  const pause = async (ms: number) => void (time += ms);
  const options = { now: () => after(time / 1000), pause };
  const rollouts = { store: { ...store, read }, isLocal: false, flags: " --aws" };
  for await (const shown of followRollout(rollouts, id, options)) seen.push(shown);
  return seen;
}

it("goes on when it cannot be read for a while, and says so once", async () => {
  const store = memoryStore();
  await storeAll(store, { id });
  const seen = await followed(store, ["read", "fails", "fails", "read", "over"]);
  expect(seen.map(({ trouble }) => trouble)).toEqual([
    undefined,
    "read ECONNRESET",
    "read ECONNRESET",
    undefined,
    undefined,
  ]);
  const told = "it cannot be read now, and is tried again: read ECONNRESET";
  const lines = seen.flatMap((shown, index) => changeLines(seen[index - 1], shown, after(index)));
  expect(lines.filter((line) => line === told)).toHaveLength(1);
  const look = { style: styleOf(false), signs, columns: 100, rows: undefined };
  expect(rolloutLines(seen[1]!, after(1), look)).toContain(`  ${told}`);
});

it("fails when it cannot be read at first, or for too long, and when it is not there", async () => {
  const store = memoryStore();
  await storeAll(store, { id });
  await expect(followed(store, ["fails"])).rejects.toThrow("read ECONNRESET");
  const forever = Array.from({ length: 200 }, () => "fails" as const);
  await expect(followed(store, ["read", ...forever])).rejects.toThrow("read ECONNRESET");
  await expect(followed(memoryStore(), ["read"])).rejects.toMatchObject({ code: "rollout-not-found" });
});
