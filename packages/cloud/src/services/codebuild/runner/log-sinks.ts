import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { LogSink } from "./build-log.ts";
import { splitLocation, upload } from "./objects.ts";

/** Puts lines into a log stream, and makes group and stream if need be. */
export function logGroupSink(ctx: Context, logGroupName: string, logStreamName: string): LogSink {
  const put = (logEvents: { timestamp: number; message: string }[]) =>
    ctx.call.logs.putLogEvents({ logGroupName, logStreamName, logEvents });
  const unlessThere = async (made: Promise<unknown>) => {
    try {
      await made;
    } catch (error) {
      if (!isAwsError(error, "ResourceAlreadyExistsException")) throw error;
    }
  };
  return async (lines) => {
    const events = lines.map((line) => ({ ...line }));
    try {
      await put(events);
    } catch (error) {
      if (!isAwsError(error, "ResourceNotFoundException")) throw error;
      await unlessThere(ctx.call.logs.createLogGroup({ logGroupName }));
      await unlessThere(ctx.call.logs.createLogStream({ logGroupName, logStreamName }));
      await put(events);
    }
  };
}

/** A log that is uploaded as one object when the build has ended. */
export interface FileLog {
  readonly sink: LogSink;
  /** @param arn - the object's: `arn:aws:s3:::bucket/key` */
  upload(ctx: Context, arn: string): Promise<void>;
}

/** Writes lines to a file, packed with gzip. */
export function gzipLog(path: string): FileLog {
  const gzip = createGzip();
  const file = gzip.pipe(createWriteStream(path));
  return {
    sink: async (lines) => {
      for (const { message } of lines) gzip.write(message);
    },
    async upload(ctx, arn) {
      gzip.end();
      await finished(file);
      const { bucket, key } = splitLocation(arn);
      await upload(ctx, bucket, key, path);
    },
  };
}
