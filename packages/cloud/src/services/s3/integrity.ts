import type { Readable } from "node:stream";
import { codeOf } from "@trysail/core";
import type { Context } from "../../kernel/context.ts";
import { trailersOf } from "../../wire/index.ts";
import { abandon, checkLength, digestArrived, receive } from "./bodies.ts";
import type { Arrived } from "./bodies.ts";
import { algorithms, checksumHeader, checksumsOf, isDigest, parseAlgorithm } from "./checksums.ts";
import type { Algorithm, ChecksumMembers } from "./checksums.ts";
import { errors } from "./errors.ts";

/** How a request may say what its body hashes to. */
export interface IntegrityInput extends ChecksumMembers {
  readonly Body?: Readable | Uint8Array | undefined;
  readonly ContentMD5?: string | undefined;
  readonly ContentLength?: number | undefined;
  readonly ChecksumAlgorithm?: string | undefined;
}

export interface Declared {
  readonly algorithm: Algorithm;
  readonly value: string;
}

/** A body that has arrived whole, as its sender says. */
export interface Verified {
  readonly arrived: Arrived;
  /** 32 hexadecimal digits. */
  readonly md5: string;
  /** The checksum that the sender declared, in a header or in a trailer. */
  readonly declared: Declared | undefined;
  digest(algorithm: Algorithm): Promise<string>;
}

/** @throws AwsError `InvalidRequest` */
export function readAlgorithm(name: string | undefined): Algorithm | undefined {
  if (name === undefined) return undefined;
  const algorithm = parseAlgorithm(name);
  if (algorithm === undefined) {
    throw errors.InvalidRequest(
      `Checksum algorithm provided is unsupported. Please try again with any of the valid types: [${algorithms.join(", ")}]`,
    );
  }
  return algorithm;
}

function only(declared: readonly Declared[]): Declared | undefined {
  if (declared.length > 1) {
    throw errors.InvalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
  }
  for (const { algorithm, value } of declared) {
    if (!isDigest(algorithm, value))
      throw errors.InvalidRequest(`Value for ${checksumHeader(algorithm)} header is invalid.`);
  }
  return declared[0];
}

function inTrailers(body: Readable | Uint8Array | undefined): readonly Declared[] {
  const trailers = body === undefined ? {} : trailersOf(body);
  return algorithms.flatMap((algorithm) => {
    const value = trailers[checksumHeader(algorithm)];
    return value === undefined ? [] : [{ algorithm, value: value.trim() }];
  });
}

/** The checksum that a request declares in its headers. */
export function declaredChecksum(input: ChecksumMembers): Declared | undefined {
  return only(checksumsOf(input));
}

/**
 * Takes a request's body in, and checks it against all that the request says of it.
 *
 * @param fallback - the algorithm to compute if the request declares none
 * @throws AwsError `BadDigest`, `InvalidDigest`, `InvalidRequest`, `EntityTooLarge`; nothing of the body is left then
 */
export async function receiveVerified(
  home: Context,
  input: IntegrityInput,
  fallback: readonly Algorithm[],
): Promise<Verified> {
  checkLength(input.ContentLength);
  const inHeader = declaredChecksum(input);
  const announced = inHeader?.algorithm ?? readAlgorithm(input.ChecksumAlgorithm);
  const { ContentMD5: md5Header } = input;
  if (md5Header !== undefined && !isDigest("MD5", md5Header)) {
    throw errors.InvalidDigest("The Content-MD5 you specified was invalid.", { "Content-MD5": md5Header });
  }
  const wanted = new Set<Algorithm>(["MD5", ...(announced === undefined ? fallback : [announced])]);
  const arrived = await receive(home, input.Body, wanted).catch((error: unknown) => {
    // The client went away: no fault of ours to log.
    if (codeOf(error) !== "ECONNRESET") throw error;
    throw errors.IncompleteBody("You did not provide the number of bytes specified by the Content-Length HTTP header");
  });
  const digest = async (algorithm: Algorithm) =>
    arrived.digests.get(algorithm) ?? (await digestArrived(home, arrived, algorithm));
  try {
    const md5 = await digest("MD5");
    if (md5Header !== undefined && md5Header !== md5) {
      throw errors.BadDigest("The Content-MD5 you specified did not match what we received.", {
        ExpectedDigest: md5Header,
        CalculatedDigest: md5,
      });
    }
    const declared = inHeader ?? only(inTrailers(input.Body));
    if (declared === undefined && input.ChecksumAlgorithm !== undefined) {
      throw errors.InvalidRequest(
        "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.",
      );
    }
    if (declared !== undefined && (await digest(declared.algorithm)) !== declared.value) {
      throw errors.BadDigest(`The ${declared.algorithm} you specified did not match the calculated checksum.`);
    }
    return { arrived, md5: Buffer.from(md5, "base64").toString("hex"), declared, digest };
  } catch (error) {
    await abandon(home, arrived);
    throw error;
  }
}
