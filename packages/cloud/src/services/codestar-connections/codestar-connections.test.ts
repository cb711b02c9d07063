import {
  CodeStarConnectionsClient,
  CreateConnectionCommand,
  CreateHostCommand,
  DeleteConnectionCommand,
  DeleteHostCommand,
  GetConnectionCommand,
  ListConnectionsCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-codestar-connections";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";

let cloud: TestCloud;
let connections: CodeStarConnectionsClient;
beforeAll(async () => {
  cloud = await startTestCloud();
  connections = cloud.client(CodeStarConnectionsClient, { region: "eu-west-1" });
});
afterAll(() => cloud.stop());

test("a connection is available at once, in its region, under both names of the service", async () => {
  const { ConnectionArn = "" } = await connections.send(
    new CreateConnectionCommand({ ConnectionName: "github", ProviderType: "GitHub" }),
  );
  expect(ConnectionArn).toMatch(/^arn:aws:codestar-connections:eu-west-1:000000000000:connection\/[0-9a-f-]{36}$/);
  const expected = {
    ConnectionName: "github",
    ConnectionArn,
    ProviderType: "GitHub",
    OwnerAccountId: "000000000000",
    ConnectionStatus: "AVAILABLE",
  };
  expect((await connections.send(new GetConnectionCommand({ ConnectionArn }))).Connection).toEqual(expected);
  const newer = ConnectionArn.replace("codestar-connections", "codeconnections");
  expect((await connections.send(new GetConnectionCommand({ ConnectionArn: newer }))).Connection).toEqual(expected);
  const elsewhere = cloud.client(CodeStarConnectionsClient, { region: "us-west-2" });
  await expect(elsewhere.send(new GetConnectionCommand({ ConnectionArn }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });

  await connections.send(
    new TagResourceCommand({
      ResourceArn: ConnectionArn,
      Tags: [
        { Key: "a", Value: "1" },
        { Key: "b", Value: "2" },
      ],
    }),
  );
  await connections.send(new UntagResourceCommand({ ResourceArn: ConnectionArn, TagKeys: ["a"] }));
  expect((await connections.send(new ListTagsForResourceCommand({ ResourceArn: ConnectionArn }))).Tags).toEqual([
    { Key: "b", Value: "2" },
  ]);
  await connections.send(new DeleteConnectionCommand({ ConnectionArn }));
  await expect(connections.send(new GetConnectionCommand({ ConnectionArn }))).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
});

test("a host is deleted only without connections, which are found by it", async () => {
  const host = {
    Name: "own",
    ProviderType: "GitHubEnterpriseServer",
    ProviderEndpoint: "https://git.example.com",
  } as const;
  const { HostArn = "" } = await connections.send(new CreateHostCommand(host));
  const { ConnectionArn } = await connections.send(new CreateConnectionCommand({ ConnectionName: "own", HostArn }));
  await connections.send(new CreateConnectionCommand({ ConnectionName: "other", ProviderType: "GitLab" }));
  const { Connections } = await connections.send(new ListConnectionsCommand({ HostArnFilter: HostArn }));
  expect(Connections).toMatchObject([{ ConnectionArn, ProviderType: "GitHubEnterpriseServer", HostArn }]);
  await expect(connections.send(new DeleteHostCommand({ HostArn }))).rejects.toMatchObject({
    name: "ResourceUnavailableException",
  });
  await connections.send(new DeleteConnectionCommand({ ConnectionArn }));
  await connections.send(new DeleteHostCommand({ HostArn }));
});

test.each([
  [{ ConnectionName: "x".repeat(33), ProviderType: "GitHub" }, "ValidationException"],
  [{ ConnectionName: "x" }, "InvalidInputException"],
] as const)("creating %j is refused", async (input, name) => {
  await expect(connections.send(new CreateConnectionCommand(input))).rejects.toMatchObject({ name });
});
