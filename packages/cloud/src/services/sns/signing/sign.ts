import { sign } from "node:crypto";

/** What a message's signature covers, in this order. */
const signedMembers = [
  "Message",
  "MessageId",
  "Subject",
  "SubscribeURL",
  "Timestamp",
  "Token",
  "TopicArn",
  "Type",
] as const;

type SignedMessage = Readonly<Partial<Record<(typeof signedMembers)[number], string>>>;

/**
 * A message's signature.
 *
 * @param version - 1 is made with SHA-1, 2 with SHA-256
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
 */
export function signatureOf(message: SignedMessage, privateKey: string, version: string): string {
  const canonical = signedMembers
    .flatMap((name) => (message[name] === undefined ? [] : [`${name}\n${message[name]}\n`]))
    .join("");
  return sign(version === "2" ? "sha256" : "sha1", Buffer.from(canonical), privateKey).toString("base64");
}
