import { createHash, createPublicKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { errors } from "../errors.ts";
import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { makeKeyPair, sshPublicKey } from "../key-material.ts";
import { kinds } from "../kinds.ts";
import type { KeyPairRow } from "../model.ts";
import { removeWithTags } from "../networking/removing.ts";
import { describeKind, find, newId, withTags } from "../resources-of-kind.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { checkSpecifications, putTags, specifiedTags } from "../tags.ts";

function keyNamed(ctx: Context, name: string): KeyPairRow | undefined {
  return [...ctx.table(tables.keyPairs).values()].find(({ KeyName }) => KeyName === name);
}

function checkFree(ctx: Context, name: string): void {
  if (name === "" || name.length > 255)
    throw errors.InvalidParameterValue("The key pair's name must have 1 to 255 characters.");
  if (keyNamed(ctx, name) !== undefined) throw errors["InvalidKeyPair.Duplicate"](`The keypair already exists`);
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateKeyPair.html */
export const createKeyPair: Handler<Sdk, "createKeyPair"> = (ctx, input) => {
  const { KeyName, KeyType = "rsa" } = input;
  checkFree(ctx, KeyName);
  checkSpecifications(input.TagSpecifications, "key-pair");
  if (input.KeyFormat === "ppk")
    throw errors.UnsupportedOperation("KeyFormat: Trysail makes key pairs in the format pem.");
  const { publicKey, privatePem, fingerprint } = makeKeyPair(KeyType);
  const KeyPairId = newId(ctx, kinds.keyPair);
  ctx.table(tables.keyPairs).put(KeyPairId, {
    KeyPairId,
    KeyName,
    KeyType,
    KeyFingerprint: fingerprint,
    PublicKey: publicKey,
    CreateTime: new Date(ctx.now),
  });
  putTags(ctx, KeyPairId, specifiedTags(input.TagSpecifications, "key-pair"));
  return { KeyPairId, KeyName, KeyFingerprint: fingerprint, KeyMaterial: privatePem };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportKeyPair.html */
export const importKeyPair: Handler<Sdk, "importKeyPair"> = (ctx, input) => {
  const { KeyName } = input;
  checkFree(ctx, KeyName);
  checkSpecifications(input.TagSpecifications, "key-pair");
  const text = Buffer.from(input.PublicKeyMaterial).toString("utf8").trim();
  const { type, PublicKey, KeyFingerprint } = readPublicKey(text);
  const KeyPairId = newId(ctx, kinds.keyPair);
  const row: KeyPairRow = {
    KeyPairId,
    KeyName,
    KeyType: type,
    KeyFingerprint,
    PublicKey,
    CreateTime: new Date(ctx.now),
  };
  ctx.table(tables.keyPairs).put(KeyPairId, row);
  putTags(ctx, KeyPairId, specifiedTags(input.TagSpecifications, "key-pair"));
  return { KeyPairId, KeyName, KeyFingerprint };
};

/** A public key in OpenSSH's form or as PEM. @throws AwsError `InvalidKey.Format` */
function readPublicKey(text: string) {
  const invalid = () => errors["InvalidKey.Format"]("Key is not in valid OpenSSH public key format");
  const [name = "", body = ""] = text.split(/\s+/);
  if (name === "ssh-ed25519" || name === "ssh-rsa") {
    const blob = Buffer.from(body, "base64");
    if (!blob.subarray(4, 4 + name.length).equals(Buffer.from(name))) throw invalid();
    // Of an imported RSA key AWS tells the MD5 hash; here the hash is over OpenSSH's own form.
    const KeyFingerprint =
      name === "ssh-ed25519"
        ? createHash("sha256").update(blob).digest("base64")
        : (createHash("md5").update(blob).digest("hex").match(/../g) ?? []).join(":");
    return {
      type: name === "ssh-rsa" ? ("rsa" as const) : ("ed25519" as const),
      PublicKey: `${name} ${body}`,
      KeyFingerprint,
    };
  }
  let key: KeyObject;
  try {
    key = createPublicKey(text);
  } catch {
    throw invalid();
  }
  const type = key.asymmetricKeyType;
  if (type !== "rsa" && type !== "ed25519") throw invalid();
  return readPublicKey(sshPublicKey(key, type));
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeKeyPairs.html */
export const describeKeyPairs: Handler<Sdk, "describeKeyPairs"> = (ctx, input) => {
  const named = (input.KeyNames ?? []).map((name) => {
    const row = keyNamed(ctx, name);
    if (row === undefined) throw kinds.keyPair.notFound(name);
    return row.KeyPairId;
  });
  const ids = [...(input.KeyPairIds ?? []), ...named];
  const { items } = describeKind(ctx, kinds.keyPair, ids, { Filters: input.Filters, MaxResults: 1000 }, (row) => {
    const { PublicKey, ...shown } = row;
    return withTags(ctx, row.KeyPairId, { ...shown, ...(input.IncludePublicKey === true && { PublicKey }) });
  });
  return { KeyPairs: items };
};

/** Succeeds if there is none of that name. @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteKeyPair.html */
export const deleteKeyPair: Handler<Sdk, "deleteKeyPair"> = (ctx, input) => {
  const row =
    input.KeyPairId === undefined ? keyNamed(ctx, input.KeyName ?? "") : find(ctx, kinds.keyPair, input.KeyPairId);
  if (row === undefined) return { Return: true };
  removeWithTags(ctx, kinds.keyPair, row.KeyPairId);
  return { Return: true, KeyPairId: row.KeyPairId };
};
