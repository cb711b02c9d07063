import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { expect, it } from "vitest";
import { startTestCloud } from "./test-cloud.test-kit.ts";

it("starts again after a crash, and after a stop, with what was acknowledged", async () => {
  const cloud = await startTestCloud();
  try {
    await cloud.client(SecretsManagerClient).send(new CreateSecretCommand({ Name: "kept", SecretString: "value" }));
    await cloud.crash();
    await cloud.start();
    const secret = cloud.client(SecretsManagerClient).send(new GetSecretValueCommand({ SecretId: "kept" }));
    expect((await secret).SecretString).toBe("value");
    await cloud.restart();
    const caller = await cloud.client(STSClient).send(new GetCallerIdentityCommand({}));
    expect(caller.Account).toBe("000000000000");
    await cloud.crash();
  } finally {
    await cloud.stop();
  }
});
