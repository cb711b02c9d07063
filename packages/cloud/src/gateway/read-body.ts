import type { Readable } from "node:stream";
import { AwsError } from "../kernel/errors.ts";

/**
 * The largest body of a request that is not streamed: above the largest that any service of ours takes (Lambda's
 * 50 MiB zip in base64, as CreateFunction carries it).
 */
const largestBodyBytes = 70 * 1024 * 1024;

/** @throws AwsError `RequestEntityTooLarge` */
export async function readBody(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > largestBodyBytes)
      throw new AwsError("RequestEntityTooLarge", 413, `The request's body is larger than ${largestBodyBytes} bytes.`);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}
