import { expect, it } from "vitest";
import { fleetLines } from "./table.ts";
import type { Fleet } from "./workload.ts";

const now = Date.parse("2026-01-01T00:01:00Z");
const fleet: Fleet = {
  members: [
    {
      kind: "task",
      id: "0f1e",
      region: "us-east-1",
      zone: "us-east-1b",
      belongsTo: "service:web",
      state: "RUNNING",
      address: "127.80.0.3",
      pids: [12, 13],
      since: "2026-01-01T00:00:48Z",
    },
    {
      kind: "instance",
      id: "i-1",
      region: "us-east-1",
      zone: "us-east-1a",
      belongsTo: "web",
      state: "running",
      address: "127.80.0.2",
      pids: [11],
      since: "2026-01-01T00:00:00Z",
    },
    {
      kind: "instance",
      id: "i-0",
      region: "us-east-1",
      zone: "us-east-1a",
      belongsTo: "web",
      state: "terminated",
      reason: "Client.UserInitiatedShutdown: User initiated shutdown",
      pids: [],
    },
  ],
  troubles: [{ region: "us-east-1", of: "web", at: "2026-01-01T00:00:30Z", message: "Launching failed." }],
};
const lines = (all: boolean) => fleetLines(fleet, { all, now, bold: (text) => text });

it("shows what lives, by kind and group, with its processes and for how long, and what cannot be done", () => {
  expect(lines(false)).toEqual([
    "i-1   us-east-1a  web          running  127.80.0.2  pid 11      for 1 min 00 s",
    "0f1e  us-east-1b  service:web  RUNNING  127.80.0.3  pid 12, 13  for 12 s",
    "",
    "! web (us-east-1): Launching failed.",
  ]);
});

it("shows why others have ended, where all are asked for", () => {
  expect(lines(true)[0]).toMatch(/^i-0 .* terminated .* Client\.UserInitiatedShutdown: User initiated shutdown$/);
});
