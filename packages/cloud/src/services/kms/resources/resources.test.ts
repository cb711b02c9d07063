import { DescribeKeyCommand, EncryptCommand, GetKeyRotationStatusCommand, KMSClient } from "@aws-sdk/client-kms";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../../testing/test-cloud.test-kit.ts";
import { stackKit } from "../../cloudformation/stack.test-kit.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
});
afterAll(() => cloud.stop());

/** A key with an alias, a generated secret, and a parameter that names both. */
const template = (changes: { readonly rotation: boolean; readonly value: string }) => ({
  Resources: {
    Key: { Type: "AWS::KMS::Key", Properties: { Description: "mine", EnableKeyRotation: changes.rotation } },
    Alias: { Type: "AWS::KMS::Alias", Properties: { AliasName: "alias/stack", TargetKeyId: { Ref: "Key" } } },
    Secret: {
      Type: "AWS::SecretsManager::Secret",
      Properties: {
        Name: "stack/db",
        GenerateSecretString: {
          SecretStringTemplate: '{"user":"ada"}',
          GenerateStringKey: "password",
          PasswordLength: 20,
        },
      },
    },
    Parameter: {
      Type: "AWS::SSM::Parameter",
      Properties: {
        Type: "String",
        Value: { "Fn::Sub": `${changes.value} \${Key.Arn} {{resolve:secretsmanager:\${Secret}:SecretString:user}}` },
      },
    },
  },
});

describe("stacks of keys, secrets and parameters", () => {
  it("are what their templates say, from creation to deletion", async () => {
    const [kms, secrets, ssm] = [cloud.client(KMSClient), cloud.client(SecretsManagerClient), cloud.client(SSMClient)];
    const stacks = stackKit(cloud);
    const created = await stacks.deploy(template({ rotation: false, value: "one" }));
    expect(created).toMatchObject({ status: "CREATE_COMPLETE", reasons: [] });
    const { Key: keyId = "", Parameter: name = "" } = created.resources;

    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: "alias/stack" }));
    expect(KeyMetadata).toMatchObject({ KeyId: keyId, Description: "mine" });
    const { SecretString = "" } = await secrets.send(new GetSecretValueCommand({ SecretId: "stack/db" }));
    expect(JSON.parse(SecretString)).toMatchObject({
      user: "ada",
      password: expect.stringMatching(/^.{20}$/) as string,
    });
    const read = async () => (await ssm.send(new GetParameterCommand({ Name: name }))).Parameter;
    expect(await read()).toMatchObject({ Value: `one ${KeyMetadata?.Arn} ada`, Version: 1 });

    const updated = await stacks.deploy(template({ rotation: true, value: "two" }));
    expect(updated).toMatchObject({ status: "UPDATE_COMPLETE", resources: created.resources });
    expect(await kms.send(new GetKeyRotationStatusCommand({ KeyId: keyId }))).toMatchObject({
      KeyRotationEnabled: true,
    });
    expect(await read()).toMatchObject({ Value: `two ${KeyMetadata?.Arn} ada`, Version: 2 });
    const after = await secrets.send(new GetSecretValueCommand({ SecretId: "stack/db" }));
    expect(after.SecretString, "a password that was generated once stays").toBe(SecretString);

    expect(await stacks.remove()).toBe("DELETE_COMPLETE");
    await expect(read()).rejects.toMatchObject({ name: "ParameterNotFound" });
    await expect(kms.send(new EncryptCommand({ KeyId: keyId, Plaintext: Buffer.from("x") }))).rejects.toMatchObject({
      name: "KMSInvalidStateException",
    });
  });
});
