import type { Readable } from "node:stream";

// `S` is one of AWS's SDK client packages, as a module: `typeof import("@aws-sdk/client-s3")`.

type CommandKey<S> = Extract<keyof S, `${string}Command`>;

/** The operations of a client package, named as its aggregated client names them: `createSecret`. */
export type OperationOf<S> = CommandKey<S> extends `${infer Operation}Command` ? Uncapitalize<Operation> : never;

type CommandOf<S, Op extends string> = S[Extract<`${Capitalize<Op>}Command`, keyof S>];

/** Member types of streamed bodies, by what only they offer. */
type IsStream<T> = [Extract<NonNullable<T>, Readable | { transformToByteArray: unknown }>] extends [never]
  ? false
  : true;

type RequiredKeys<T> = { [K in keyof T]-?: object extends Pick<T, K> ? never : K }[keyof T];

/**
 * A call's input as a handler gets it: members that the model requires are there (the wire refuses a request that
 * lacks one), and a streamed body is a stream or bytes.
 */
type Received<T> = {
  readonly [K in keyof T]: IsStream<T[K]> extends true
    ? Readable | Uint8Array | Extract<T[K], undefined>
    : K extends RequiredKeys<T>
      ? Exclude<T[K], undefined>
      : T[K];
};

/** A call's output as a handler gives it: without the SDK's own metadata; a streamed body is a stream or bytes. */
type Given<T> = {
  [K in keyof Omit<T, "$metadata">]: IsStream<T[K]> extends true
    ? Readable | Uint8Array | undefined
    : // The SDK gives its caller's bytes a method of their own, which a handler's have not.
      [NonNullable<T[K]>] extends [Uint8Array]
      ? Uint8Array | undefined
      : T[K];
};

export type Input<S, Op extends string> =
  CommandOf<S, Op> extends new (...parameters: infer P extends unknown[]) => unknown
    ? Received<NonNullable<P[0]>>
    : never;

export type Output<S, Op extends string> =
  CommandOf<S, Op> extends new (...input: never[]) => {
    resolveMiddleware(...parameters: never[]): infer Handler;
  }
    ? Handler extends (...parameters: never[]) => Promise<{ output: infer O }>
      ? Given<O>
      : never
    : never;
