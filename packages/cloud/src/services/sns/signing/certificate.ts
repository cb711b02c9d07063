import { sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { Millis } from "@trysail/core";

/** A value in DER: its tag, its length, its content. @see https://www.itu.int/rec/T-REC-X.690 */
function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const { length } = body;
  const digits = length.toString(16);
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), "0"), "hex");
  const size = length < 128 ? Buffer.from([length]) : Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
  return Buffer.concat([Buffer.from([tag]), size, body]);
}

const sequence = (...content: readonly Uint8Array[]) => der(0x30, ...content);
const text = (tag: number, value: string) => der(tag, Buffer.from(value));
const identifier = (hex: string) => der(0x06, Buffer.from(hex, "hex"));

/** 2.5.4.3 */
const commonName = identifier("550403");
/** 1.2.840.113549.1.1.11, sha256WithRSAEncryption, which has no parameters */
const algorithm = sequence(identifier("2a864886f70d01010b"), der(0x05));

/** Times up to 2049 have two digits for the year. @see https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5 */
function time(at: Millis): Buffer {
  const digits = new Date(at).toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  return Number(digits.slice(0, 4)) < 2050 ? text(0x17, digits.slice(2)) : text(0x18, digits);
}

/**
 * A certificate of a key, signed by itself.
 *
 * @param serial - 16 bytes
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-4.1
 */
export function selfSigned(
  keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject },
  subject: { readonly name: string; readonly serial: Uint8Array; readonly from: Millis; readonly until: Millis },
): string {
  const name = sequence(der(0x31, sequence(commonName, text(0x0c, subject.name))));
  const signed = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    // The first byte keeps the number from being negative.
    der(0x02, Buffer.from([1]), subject.serial),
    algorithm,
    name,
    sequence(time(subject.from), time(subject.until)),
    name,
    keys.publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = sign("sha256", signed, keys.privateKey);
  const encoded = sequence(signed, algorithm, der(0x03, Buffer.from([0]), signature)).toString("base64");
  return `-----BEGIN CERTIFICATE-----\n${(encoded.match(/.{1,64}/g) ?? []).join("\n")}\n-----END CERTIFICATE-----\n`;
}
