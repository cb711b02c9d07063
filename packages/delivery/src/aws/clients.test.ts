import { DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { HeadBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Call } from "../run/port.ts";
import { regionClients, type RegionClients } from "./clients.ts";
import { sdkConfig, type ClientConfig } from "./sdk-config.ts";
import { failureOf } from "./failures.ts";

const open: { server: Server; clients: RegionClients }[] = [];
afterEach(() => {
  for (const { server, clients } of open.splice(0)) {
    clients.close();
    server.closeAllConnections();
    server.close();
  }
});

/** Clients of an endpoint that answers as it is told to, and the calls that they told of. */
async function against(
  answer: RequestListener,
  config: Partial<ClientConfig> = {},
  hear: (call: Call) => void = () => {},
) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const calls: Call[] = [];
  let time = 0;
  const clients = regionClients(
    {
      region: "eu-west-1",
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      ...config,
    },
    {
      now: () => (time += 7),
      onCall(call) {
        calls.push(call);
        hear(call);
      },
    },
  );
  open.push({ server, clients });
  return { server, clients, calls };
}

describe("a region's clients", () => {
  it("tell each attempt of a call", async () => {
    let attempts = 0;
    const { clients, calls } = await against((_, answer) => {
      attempts++;
      answer.statusCode = attempts < 3 ? 503 : 200;
      answer.end(attempts < 3 ? '{"__type":"ServiceUnavailable"}' : '{"Version":1}');
    });
    await clients.ssm.send(new PutParameterCommand({ Name: "/fleet", Value: "{}", Type: "String" }));
    const call = { region: "eu-west-1", service: "ssm", operation: "PutParameter", resource: "/fleet", ms: 7 };
    expect(calls).toEqual([
      { ...call, startedAt: 7, outcome: "ServiceUnavailable", isMutating: true },
      { ...call, startedAt: 21, outcome: "ServiceUnavailable", isMutating: true },
      { ...call, startedAt: 35, outcome: "ok", isMutating: true },
    ]);
  });

  it("tell what reads from what changes", async () => {
    const { clients, calls } = await against((_, answer) => answer.end("<DescribeAutoScalingGroupsResponse/>"));
    await clients.autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
    await clients.events.send(new PutEventsCommand({ Entries: [] })).catch(() => {});
    expect(calls.map(({ service, operation, isMutating }) => [service, operation, isMutating])).toEqual([
      ["autoscaling", "DescribeAutoScalingGroups", false],
      ["eventbridge", "PutEvents", true],
    ]);
  });

  it("let a call end with what who listens throws, and try it no more", async () => {
    const { clients, calls } = await against(
      (_, answer) => answer.end("<DescribeAutoScalingGroupsResponse/>"),
      {},
      () => {
        throw new Error("too many calls");
      },
    );
    await expect(clients.autoScaling.send(new DescribeAutoScalingGroupsCommand({}))).rejects.toThrow("too many calls");
    expect(calls).toHaveLength(1);
  });

  it("find a region down that does not listen", async () => {
    const { clients, server, calls } = await against(() => {}, { maxAttempts: 1 });
    server.close();
    const error: unknown = await clients.autoScaling
      .send(new DescribeAutoScalingGroupsCommand({}))
      .catch((thrown: unknown) => thrown);
    expect(failureOf(error)).toMatchObject({ kind: "down", code: "ECONNREFUSED" });
    expect(calls).toMatchObject([{ outcome: "ECONNREFUSED" }]);
  });

  it("find a region down that listens and says nothing", async () => {
    const { clients } = await against(() => {}, { maxAttempts: 1, requestTimeoutMs: 20 });
    const error: unknown = await clients.autoScaling
      .send(new DescribeAutoScalingGroupsCommand({}))
      .catch((thrown: unknown) => thrown);
    expect(failureOf(error)).toMatchObject({ kind: "down", code: "TimeoutError" });
  });
});

describe("a client of S3", () => {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };

  it.each([
    [undefined, "rollouts.s3.eu-west-1.amazonaws.com", "/"],
    // Such a host's name has no names below it.
    ["http://cloud:4566", "cloud", "/rollouts/"],
  ])("finds a bucket at the endpoint %s", async (endpoint, hostname, path) => {
    const config = sdkConfig({ region: "eu-west-1", endpoint, credentials });
    const asked: unknown[] = [];
    const s3 = new S3Client(config);
    s3.middlewareStack.add(
      () => (args) => {
        asked.push(args.request);
        return Promise.resolve({ response: {}, output: { $metadata: {} } });
      },
      { step: "finalizeRequest" },
    );
    await s3.send(new HeadBucketCommand({ Bucket: "rollouts" }));
    expect(asked).toMatchObject([{ hostname, path }]);
  });
});
