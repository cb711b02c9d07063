import { describe, expect, it } from "vitest";
import { allRollouts, clusterOf, findRollout } from "./find-rollout.ts";
import { begin, memoryStore, spec, storeAll } from "./rollout.test-kit.ts";

const found = async (store: Parameters<typeof findRollout>[0], name?: string) =>
  (await findRollout(store, name)).value.rollout.id;

const other = { ...spec, cluster: { app: "shop", stack: undefined, detail: undefined } };

describe("the rollout that is meant", () => {
  it("is that of the id, whether it goes on or not", async () => {
    const store = memoryStore();
    await storeAll(store, { id: "playback-prod.1", status: "succeeded" }, { id: "playback-prod.2" });
    expect(await found(store, "playback-prod.1")).toBe("playback-prod.1");
    await expect(found(store, "playback-prod.9")).rejects.toMatchObject({ code: "rollout-not-found" });
  });

  it("is the only one that goes on, else the newest by its time, not by its name", async () => {
    const store = memoryStore();
    await storeAll(
      store,
      { id: "playback-prod.20261126-000000", status: "succeeded", createdAt: begin },
      { id: "playback-prod.0a1b2c3d", status: "undone", createdAt: begin + 1 },
    );
    expect(await found(store)).toBe("playback-prod.0a1b2c3d");
    await storeAll(store, { id: "playback-prod.00", createdAt: begin - 1 });
    expect(await found(store)).toBe("playback-prod.00");
  });

  it("is not guessed where several go on; a cluster's name tells which", async () => {
    const store = memoryStore();
    await storeAll(
      store,
      { id: "playback-prod.1", createdAt: begin },
      { id: "shop.1", spec: other, createdAt: begin + 1 },
    );
    await expect(found(store)).rejects.toThrow("Several rollouts go on: shop.1, playback-prod.1.");
    expect(await found(store, "shop")).toBe("shop.1");
    await expect(found(store, "playback")).rejects.toMatchObject({ code: "rollout-not-found" });
  });

  it("is none where there are none", async () => {
    await expect(found(memoryStore())).rejects.toThrow("There are no rollouts.");
  });
});

it("all rollouts are told once each, the newest first, of a cluster or of all", async () => {
  const store = memoryStore();
  const many = Array.from({ length: 40 }, (_, index) => ({
    id: `playback-prod.${index}`,
    status: "succeeded" as const,
    createdAt: begin + index,
  }));
  await storeAll(store, ...many, { id: "shop.1", spec: other, createdAt: begin + 100 });
  const ids = (await allRollouts(store)).map(({ value }) => value.rollout.id);
  expect(ids).toEqual(["shop.1", ...many.map(({ id }) => id).toReversed()]);
  expect(await allRollouts(store, clusterOf("shop"))).toHaveLength(1);
});

it("a cluster's name is read by Frigga's rules", () => {
  expect(clusterOf("playback-prod-eu")).toEqual({ app: "playback", stack: "prod", detail: "eu" });
  expect(() => clusterOf("playback-prod-v003")).toThrow(`"playback-prod-v003" is no cluster's name.`);
  expect(() => clusterOf("a b")).toThrow("is no cluster's name");
});
