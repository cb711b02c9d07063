import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualClock, silentLog } from "@trysail/core";
import type { AccountId, Region } from "@trysail/core";
import { expect, test } from "vitest";
import type { Host } from "../kernel/host.ts";
import { randomIds } from "../kernel/ids.ts";
import { createKernel } from "../kernel/kernel.ts";
import type { Service } from "../kernel/service.ts";
import { openStore } from "../store/lmdb-store.ts";
import { table } from "../store/table.ts";
import { createOutbox } from "./outbox.ts";

test("an event is kept only for who waits for it when it is emitted, in its account and region", async () => {
  const waiting = table<string, true>("waiting");
  const listener: Service = {
    id: "listener",
    scope: "regional",
    tables: { waiting },
    operations: {},
    subscriptions: [
      { name: "doors", matches: ({ detailType }, ctx) => ctx.table(waiting).has(detailType), handle: async () => {} },
    ],
  };
  const speaker: Service = { id: "speaker", scope: "regional", tables: {}, operations: {} };
  const folder = await mkdtemp(join(tmpdir(), "trysail-outbox-"));
  const store = await openStore(folder);
  const clock = manualClock();
  const services = [listener, speaker];
  const outbox = createOutbox(store, services, clock);
  const meter = { add() {}, close() {} };
  const parts = { services, store, clock, ids: randomIds(), log: silentLog, host: {} as Host };
  const kernel = createKernel({ ...parts, outbox, meter });
  const contextOf = (service: Service, region: string) =>
    kernel.context(service, {
      account: "000000000000" as AccountId,
      region: region as Region,
      principal: { type: "service", arn: "", userId: "" },
      requestId: "test",
      signal: new AbortController().signal,
    });
  const emit = (region: string) =>
    contextOf(speaker, region).emit({ source: "speaker", detailType: "door opened", detail: { region } });
  try {
    emit("us-east-1");
    contextOf(listener, "us-east-1").transaction(() =>
      contextOf(listener, "us-east-1").table(waiting).put("door opened", true),
    );
    emit("eu-west-1");
    expect([...outbox.rows.values()]).toEqual([]);
    emit("us-east-1");
    expect([...outbox.rows.values()]).toMatchObject([{ source: "speaker", detail: { region: "us-east-1" } }]);
  } finally {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
});
