import { createHmac, timingSafeEqual } from "node:crypto";
import type { Millis } from "@trysail/core";

/** @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-v2-how-it-works.html */
const longestSeconds = 21_600;

/** How long a token is to be good for, as the header says; undefined if that is not allowed. */
export function readTtlSeconds(header: string | undefined): number | undefined {
  if (header === undefined || !/^\d{1,5}$/.test(header)) return undefined;
  const seconds = Number(header);
  return seconds >= 1 && seconds <= longestSeconds ? seconds : undefined;
}

/** A token that says itself until when it is good, so that none has to be remembered. @param key - the instance's own */
export function makeToken(key: string, expiresAt: Millis): string {
  return `${expiresAt.toString(36)}-${signatureOf(key, expiresAt)}`;
}

/** Until when a token is good; undefined if the instance has not been given it, or its time is over. */
export function tokenExpiry(key: string, token: string, now: Millis): Millis | undefined {
  const [text = "", signature = ""] = token.split(/-(.*)/s);
  const expiresAt = Number.parseInt(text, 36);
  if (!Number.isSafeInteger(expiresAt) || now >= expiresAt) return undefined;
  const expected = Buffer.from(signatureOf(key, expiresAt));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected) ? expiresAt : undefined;
}

function signatureOf(key: string, expiresAt: Millis): string {
  return createHmac("sha256", Buffer.from(key, "hex")).update(String(expiresAt)).digest("base64url");
}
