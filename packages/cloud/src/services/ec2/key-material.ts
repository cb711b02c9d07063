import { createHash, generateKeyPairSync } from "node:crypto";
import type { KeyObject } from "node:crypto";

/** A new key pair, as SSH uses it. */
export interface KeyMaterial {
  /** In OpenSSH's form, on one line. */
  readonly publicKey: string;
  readonly privatePem: string;
  /** As AWS tells it: of RSA keys SHA-1 over the private key, of ED25519 keys OpenSSH's SHA-256. */
  readonly fingerprint: string;
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/verify-keys.html */
export function makeKeyPair(type: "rsa" | "ed25519"): KeyMaterial {
  const { publicKey, privateKey } =
    type === "rsa" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync("ed25519");
  const ssh = sshPublicKey(publicKey, type);
  if (type === "ed25519") {
    const blob = Buffer.from(ssh.split(" ")[1] ?? "", "base64");
    return {
      publicKey: ssh,
      privatePem: openSshPrivateKey(privateKey),
      fingerprint: createHash("sha256").update(blob).digest("base64"),
    };
  }
  const digest = createHash("sha1")
    .update(privateKey.export({ type: "pkcs8", format: "der" }))
    .digest("hex");
  return {
    publicKey: ssh,
    privatePem: privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
    fingerprint: (digest.match(/../g) ?? []).join(":"),
  };
}

/** A field of OpenSSH's binary form: its length, then its bytes. */
function field(bytes: Buffer | string): Buffer {
  const body = Buffer.from(bytes as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** A number is not negative: one whose first bit is set has a zero before it. */
function numberField(bytes: Buffer): Buffer {
  return field((bytes[0] ?? 0) > 127 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes);
}

const part = (text: string | undefined) => Buffer.from(text ?? "", "base64url");

/** @see https://www.rfc-editor.org/rfc/rfc4253#section-6.6 */
export function sshPublicKey(key: KeyObject, type: "rsa" | "ed25519"): string {
  const jwk = key.export({ format: "jwk" });
  const name = `ssh-${type}`;
  const blob =
    type === "rsa"
      ? [field(name), numberField(part(jwk.e)), numberField(part(jwk.n))]
      : [field(name), field(part(jwk.x))];
  return `${name} ${Buffer.concat(blob).toString("base64")}`;
}

/** SSH clients read private ED25519 keys in this form only. @see https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key */
function openSshPrivateKey(key: KeyObject): string {
  const { x, d } = key.export({ format: "jwk" });
  const publicBlob = Buffer.concat([field("ssh-ed25519"), field(part(x))]);
  // A number twice: who decrypts a key with the wrong password sees two different ones. Here nothing is encrypted.
  const check = Buffer.alloc(8);
  const secret = Buffer.concat([check, publicBlob, field(Buffer.concat([part(d), part(x)])), field("")]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, place) => place + 1));
  const count = Buffer.alloc(4);
  count.writeUInt32BE(1);
  const whole = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    field("none"),
    field("none"),
    field(""),
    count,
    field(publicBlob),
    field(Buffer.concat([secret, padding])),
  ]);
  const lines = whole.toString("base64").match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join("\n")}\n-----END OPENSSH PRIVATE KEY-----\n`;
}
