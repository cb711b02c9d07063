import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import type { RolloutEvent } from "../store/model.ts";
import { tellEvents } from "./events.ts";

const event = (number: number): RolloutEvent => ({
  at: 60_000 * number,
  type: "Rollout State Change",
  region: "us-east-1",
  text: `Event ${number}`,
  detail: { rollout: "playback.1", number },
});

interface Entry {
  readonly Detail: string;
}

/** An EventBridge that refuses what is told to be. */
async function withEventBridge(
  isRefused: (entry: Entry) => boolean,
  use: (client: EventBridgeClient, batches: Entry[][]) => Promise<void>,
): Promise<void> {
  const batches: Entry[][] = [];
  const server = createServer((request, answer) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (part: string) => (body += part));
    request.on("end", () => {
      const { Entries } = JSON.parse(body) as { readonly Entries: Entry[] };
      batches.push(Entries);
      const told = Entries.map((entry) =>
        isRefused(entry) ? { ErrorCode: "ThrottlingException", ErrorMessage: "Rate exceeded." } : { EventId: "1" },
      );
      const FailedEntryCount = told.filter((one) => "ErrorCode" in one).length;
      answer.setHeader("content-type", "application/x-amz-json-1.1");
      answer.end(JSON.stringify({ FailedEntryCount, Entries: told }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = new EventBridgeClient({
    region: "us-east-1",
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  try {
    await use(client, batches);
  } finally {
    client.destroy();
    server.closeAllConnections();
    server.close();
  }
}

it("events are told ten at a time, in order, with their text for people", () =>
  withEventBridge(
    () => false,
    async (client, batches) => {
      await tellEvents(
        client,
        Array.from({ length: 23 }, (_, number) => event(number)),
      );
      expect(batches.map((entries) => entries.length)).toEqual([10, 10, 3]);
      expect(batches.flat().map(({ Detail }) => (JSON.parse(Detail) as { number: number }).number)).toEqual(
        Array.from({ length: 23 }, (_, number) => number),
      );
      expect(batches[0]?.[1]).toEqual({
        Source: "trysail.rollouts",
        DetailType: "Rollout State Change",
        Time: 60,
        Detail: '{"rollout":"playback.1","number":1,"text":"Event 1"}',
      });
    },
  ));

it("events that EventBridge does not take are told with its reason", () =>
  withEventBridge(
    ({ Detail }) => Detail.includes("Event 3"),
    async (client) => {
      await expect(tellEvents(client, [1, 2, 3].map(event))).rejects.toMatchObject({
        code: "events-not-taken",
        message: "EventBridge has not taken 1 of 3 events: Rate exceeded.",
      });
    },
  ));
