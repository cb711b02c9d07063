import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  KMSClient,
  ListAliasesCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";

let cloud: TestCloud;
let kms: KMSClient;
beforeAll(async () => {
  cloud = await startTestCloud();
  kms = cloud.client(KMSClient);
});
afterAll(() => cloud.stop());

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();
const newKey = async () => (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? "";

describe("kms", () => {
  it("decrypts what it encrypted, by alias, with the same context only", async () => {
    const KeyId = await newKey();
    await kms.send(new CreateAliasCommand({ AliasName: "alias/mine", TargetKeyId: KeyId }));
    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({
        KeyId: "alias/mine",
        Plaintext: Buffer.from("hello"),
        EncryptionContext: { a: "1", b: "2" },
      }),
    );
    expect(
      text((await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { b: "2", a: "1" } }))).Plaintext),
    ).toBe("hello");
    await expect(kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { a: "1" } }))).rejects.toMatchObject(
      { name: "InvalidCiphertextException" },
    );
  });

  it("refuses a blob that was tampered with, and one of another key", async () => {
    const KeyId = await newKey();
    const { CiphertextBlob = new Uint8Array() } = await kms.send(
      new EncryptCommand({ KeyId, Plaintext: Buffer.from("x") }),
    );
    const tampered = Uint8Array.from(CiphertextBlob);
    tampered[tampered.length - 1] = (tampered.at(-1) ?? 0) ^ 1;
    await expect(kms.send(new DecryptCommand({ CiphertextBlob: tampered }))).rejects.toMatchObject({
      name: "InvalidCiphertextException",
    });
    await expect(kms.send(new DecryptCommand({ CiphertextBlob, KeyId: await newKey() }))).rejects.toMatchObject({
      name: "IncorrectKeyException",
    });
  });

  it("makes nothing in a dry run, and says what would have been", async () => {
    const KeyId = await newKey();
    const dry = kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("x"), DryRun: true }));
    await expect(dry).rejects.toMatchObject({ name: "DryRunOperationException" });
    const missing = kms.send(new GenerateDataKeyCommand({ KeyId: "none", KeySpec: "AES_256", DryRun: true }));
    await expect(missing).rejects.toMatchObject({ name: "NotFoundException" });
  });

  it("gives data keys in clear and encrypted", async () => {
    const { Plaintext, CiphertextBlob } = await kms.send(
      new GenerateDataKeyCommand({ KeyId: await newKey(), KeySpec: "AES_256" }),
    );
    expect(Plaintext).toHaveLength(32);
    expect((await kms.send(new DecryptCommand({ CiphertextBlob }))).Plaintext).toEqual(Plaintext);
  });

  it("still decrypts what was encrypted before a rotation", async () => {
    const KeyId = await newKey();
    const before = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("old") }));
    await kms.send(new RotateKeyOnDemandCommand({ KeyId }));
    await kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }));
    await cloud.clock.advance({ days: 90 });
    const after = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("new") }));
    for (const [{ CiphertextBlob }, expected] of [
      [before, "old"],
      [after, "new"],
    ] as const) {
      expect(text((await kms.send(new DecryptCommand({ CiphertextBlob }))).Plaintext)).toBe(expected);
    }
  });

  it("makes the key behind alias/aws/SERVICE when it is first asked for", async () => {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: "alias/aws/ssm" }));
    expect(KeyMetadata).toMatchObject({ KeyManager: "AWS", Enabled: true });
    const { Aliases = [] } = await kms.send(new ListAliasesCommand({ KeyId: KeyMetadata?.KeyId }));
    expect(Aliases.map(({ AliasName }) => AliasName)).toEqual(["alias/aws/ssm"]);
  });

  it("refuses disabled keys, and removes scheduled ones with their aliases when their time has come", async () => {
    const KeyId = await newKey();
    await kms.send(new CreateAliasCommand({ AliasName: "alias/doomed", TargetKeyId: KeyId }));
    await kms.send(new DisableKeyCommand({ KeyId }));
    await expect(kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("x") }))).rejects.toMatchObject({
      name: "DisabledException",
    });
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    await expect(kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from("x") }))).rejects.toMatchObject({
      name: "KMSInvalidStateException",
    });
    await cloud.clock.advance({ days: 7 });
    await expect(kms.send(new DescribeKeyCommand({ KeyId: "alias/doomed" }))).rejects.toMatchObject({
      name: "NotFoundException",
    });
  });
});
