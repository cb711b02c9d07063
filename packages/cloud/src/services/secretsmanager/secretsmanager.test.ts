import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";

let cloud: TestCloud;
let secrets: SecretsManagerClient;
beforeAll(async () => {
  cloud = await startTestCloud();
  secrets = cloud.client(SecretsManagerClient, { region: "eu-west-1" });
});
afterAll(() => cloud.stop());

const tokenOf = (letter: string) => letter.repeat(32);
const read = async (SecretId: string, VersionStage?: string) =>
  (await secrets.send(new GetSecretValueCommand({ SecretId, VersionStage }))).SecretString;

describe("secretsmanager", () => {
  it("gives back what was put, by name, by ARN and by ARN without its suffix", async () => {
    const { ARN = "" } = await secrets.send(new CreateSecretCommand({ Name: "shop/db", SecretString: "hunter2" }));
    expect(ARN).toMatch(/^arn:aws:secretsmanager:eu-west-1:000000000000:secret:shop\/db-[A-Za-z0-9]{6}$/);
    expect(await Promise.all(["shop/db", ARN, ARN.slice(0, -7)].map((id) => read(id)))).toEqual([
      "hunter2",
      "hunter2",
      "hunter2",
    ]);
  });

  it("keeps a secret in its region", async () => {
    await secrets.send(new CreateSecretCommand({ Name: "regional", SecretString: "x" }));
    const elsewhere = cloud.client(SecretsManagerClient, { region: "us-west-2" });
    await expect(elsewhere.send(new GetSecretValueCommand({ SecretId: "regional" }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "Secrets Manager can't find the specified secret.",
    });
  });

  it("moves AWSPREVIOUS behind AWSCURRENT, and lets a stage be moved back", async () => {
    await secrets.send(
      new CreateSecretCommand({ Name: "staged", SecretString: "1", ClientRequestToken: tokenOf("a") }),
    );
    await secrets.send(
      new PutSecretValueCommand({ SecretId: "staged", SecretString: "2", ClientRequestToken: tokenOf("b") }),
    );
    expect([await read("staged"), await read("staged", "AWSPREVIOUS")]).toEqual(["2", "1"]);
    await secrets.send(
      new UpdateSecretVersionStageCommand({
        SecretId: "staged",
        VersionStage: "AWSCURRENT",
        MoveToVersionId: tokenOf("a"),
        RemoveFromVersionId: tokenOf("b"),
      }),
    );
    expect([await read("staged"), await read("staged", "AWSPREVIOUS")]).toEqual(["1", "2"]);
  });

  it("does a repeated request once, and refuses another value under the same token", async () => {
    await secrets.send(new CreateSecretCommand({ Name: "repeated", SecretString: "1" }));
    const put = (SecretString: string) =>
      secrets.send(new PutSecretValueCommand({ SecretId: "repeated", SecretString, ClientRequestToken: tokenOf("c") }));
    expect(await put("2")).toMatchObject(await put("2").then(({ VersionId }) => ({ VersionId })));
    await expect(put("3")).rejects.toMatchObject({ name: "ResourceExistsException" });
    const { VersionIdsToStages = {} } = await secrets.send(new DescribeSecretCommand({ SecretId: "repeated" }));
    expect(VersionIdsToStages[tokenOf("c")]).toEqual(["AWSCURRENT"]);
  });

  it("lists by pages", async () => {
    const names = ["page/a", "page/b", "page/c"];
    for (const Name of names) await secrets.send(new CreateSecretCommand({ Name }));
    const seen: (string | undefined)[] = [];
    for (let NextToken: string | undefined, first = true; first || NextToken !== undefined; first = false) {
      const page = await secrets.send(
        new ListSecretsCommand({ MaxResults: 2, NextToken, Filters: [{ Key: "name", Values: ["page/"] }] }),
      );
      seen.push(...(page.SecretList ?? []).map(({ Name }) => Name));
      NextToken = page.NextToken;
    }
    expect(seen).toEqual(names);
  });

  it("keeps a deleted secret for its recovery window and then removes it", async () => {
    await secrets.send(new CreateSecretCommand({ Name: "doomed", SecretString: "x" }));
    await secrets.send(new DeleteSecretCommand({ SecretId: "doomed", RecoveryWindowInDays: 7 }));
    await expect(read("doomed")).rejects.toMatchObject({ name: "InvalidRequestException" });
    await secrets.send(new RestoreSecretCommand({ SecretId: "doomed" }));
    expect(await read("doomed")).toBe("x");

    await secrets.send(new DeleteSecretCommand({ SecretId: "doomed", RecoveryWindowInDays: 7 }));
    await cloud.clock.advance({ days: 6 });
    expect(await secrets.send(new DescribeSecretCommand({ SecretId: "doomed" }))).toHaveProperty("DeletedDate");
    await cloud.clock.advance({ days: 1 });
    await expect(secrets.send(new DescribeSecretCommand({ SecretId: "doomed" }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  it("makes passwords of the characters that are asked for", async () => {
    const { RandomPassword = "" } = await secrets.send(
      new GetRandomPasswordCommand({ PasswordLength: 40, ExcludePunctuation: true, ExcludeCharacters: "abcxyz012" }),
    );
    expect(RandomPassword).toMatch(/^[d-wA-Z3-9]{40}$/);
    expect(RandomPassword).toMatch(/[a-z]/);
    expect(RandomPassword).toMatch(/[A-Z]/);
    expect(RandomPassword).toMatch(/[0-9]/);
  });

  it("has everything after a restart", async () => {
    await secrets.send(new CreateSecretCommand({ Name: "durable", SecretBinary: new Uint8Array([0, 255]) }));
    await cloud.restart();
    secrets = cloud.client(SecretsManagerClient, { region: "eu-west-1" });
    const { SecretBinary } = await secrets.send(new GetSecretValueCommand({ SecretId: "durable" }));
    expect([...(SecretBinary ?? [])]).toEqual([0, 255]);
  });
});
