import type { Readable } from "node:stream";

/** A request's head. */
export interface RequestHead {
  readonly method: string;
  /** As sent: encoded, with its leading slash, without the query. */
  readonly path: string;
  /** As sent, without the question mark; empty if there is none. */
  readonly query: string;
  /** Names in lower case; repeated headers joined with ", ". HTTP/2's `:authority` is `host`. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

export interface HttpRequest extends RequestHead {
  readonly body: Readable;
}

/** A request whose body may have been read already, as it was sent. */
export interface ReadRequest extends RequestHead {
  readonly body: Readable | Buffer;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Values of `set-cookie`, the one header that cannot be joined with commas. */
  readonly cookies?: readonly string[];
  readonly body: Uint8Array | Readable;
}
