import { createHash } from "node:crypto";
import type { Millis } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { errors } from "../errors.ts";
import { limits } from "../limits.ts";
import type { Stream } from "../model.ts";

/** A place in a shard from which records are read. */
export interface Position {
  readonly stream: string;
  readonly shard: number;
  /** The order of the next record. */
  readonly order: number;
}

/** An iterator names its stream, and the very one: a stream that was made anew under its name is another. */
type Content = readonly [stream: string, id: string, shard: number, order: number, issuedAt: Millis];

const mark = (text: string) => createHash("sha256").update(`trysail kinesis ${text}`).digest("base64url").slice(0, 12);

/** A place as a client gets it: opaque, and good for five minutes. */
export function iteratorText(ctx: Context, stream: Stream, shard: number, order: number): string {
  const content: Content = [stream.name, stream.id, shard, order, ctx.now];
  const text = Buffer.from(JSON.stringify(content)).toString("base64url");
  return `${text}.${mark(text)}`;
}

/**
 * @throws AwsError `InvalidArgumentException` for what is none, `ExpiredIteratorException` for one that is too old
 */
export function readIterator(ctx: Context, iterator: string): Position & { readonly id: string } {
  const [text = "", own] = iterator.split(".");
  if (own !== mark(text)) throw errors.InvalidArgumentException("Invalid ShardIterator.");
  const [stream, id, shard, order, issuedAt] = JSON.parse(Buffer.from(text, "base64url").toString()) as Content;
  if (ctx.now > issuedAt + limits.iteratorMs)
    throw errors.ExpiredIteratorException(
      `Iterator expired. The iterator was created at time ${new Date(issuedAt).toUTCString()} while right now it is ${new Date(ctx.now).toUTCString()} which is further in the future than the tolerated delay of ${limits.iteratorMs} milliseconds.`,
    );
  return { stream, id, shard, order };
}
