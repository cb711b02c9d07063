import type { MetricsName } from "@aws-sdk/client-kinesis";
import type { Millis } from "@trysail/core";
import type { Tags } from "../../kernel/tags.ts";

export interface Stream {
  readonly name: string;
  readonly arn: string;
  readonly id: string;
  readonly status: "CREATING" | "ACTIVE" | "UPDATING" | "DELETING";
  readonly mode: "PROVISIONED" | "ON_DEMAND";
  readonly createdAt: Millis;
  readonly retentionHours: number;
  /** Metrics that are told of each shard. */
  readonly shardMetrics: readonly MetricsName[];
  /** How many shards it has ever had. */
  readonly shardsMade: number;
  readonly tags: Tags;
  /** As it was named; undefined where nothing is encrypted. */
  readonly encryptionKey?: string;
}

/** A part of a stream: the records whose keys' hashes lie in a range, in their order. */
export interface Shard {
  readonly index: number;
  /** Hash keys as 32 hexadecimal digits, both inclusive. */
  readonly start: string;
  readonly end: string;
  /** Shards that it came from: one that was split, two that were merged. */
  readonly parents: readonly number[];
  readonly createdAt: Millis;
  /** The order of its first record. */
  readonly firstOrder: number;
  /** Set when it takes no more records: the order behind its last one. */
  readonly endOrder?: number;
  readonly closedAt?: Millis;
}

export interface Consumer {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: Millis;
  readonly tags: Tags;
}

export const encryptionType = ({ encryptionKey }: Stream) => (encryptionKey === undefined ? "NONE" : "KMS");

export const shardIdOf = (index: number) => `shardId-${String(index).padStart(12, "0")}`;

/** @returns undefined if it is no shard's id */
export function shardIndexOf(id: string): number | undefined {
  const index = /^(?:shardId-)?(?<index>\d{1,12})$/.exec(id)?.groups?.["index"];
  return index === undefined ? undefined : Number(index);
}

const hashes = 2n ** 128n;
export const highestHash = "f".repeat(32);

export const hexOf = (hash: bigint) => hash.toString(16).padStart(32, "0");
export const decimalOf = (hex: string) => BigInt(`0x${hex}`).toString();

/** A hash key as requests write it, in decimal digits. @returns undefined if it is none */
export function hashKeyOf(text: string): string | undefined {
  if (!/^(?:0|[1-9]\d{0,38})$/.test(text)) return undefined;
  const hash = BigInt(text);
  return hash < hashes ? hexOf(hash) : undefined;
}

/** The ranges of so many shards of the same size, which are all hashes together. */
export function evenRanges(count: number): readonly { readonly start: string; readonly end: string }[] {
  const size = hashes / BigInt(count);
  return Array.from({ length: count }, (_, index) => ({
    start: hexOf(size * BigInt(index)),
    end: index === count - 1 ? highestHash : hexOf(size * BigInt(index + 1) - 1n),
  }));
}

/** The hash right before, and right behind, another. */
export const hashBefore = (hex: string) => hexOf(BigInt(`0x${hex}`) - 1n);
export const hashAfter = (hex: string) => hexOf(BigInt(`0x${hex}`) + 1n);

/**
 * A record's sequence number: greater than that of every record before it in its shard, and of every record in the shards
 * that its shard came from. Digits, all of one length, so that they compare as texts too.
 */
export function sequenceNumber({ createdAt }: Pick<Stream, "createdAt">, shard: number, order: number): string {
  const second = String(Math.floor(createdAt / 1000)).padStart(10, "0");
  return `49${second}${String(order).padStart(20, "0")}${String(shard).padStart(24, "0")}`;
}

/** @returns undefined if it is no sequence number */
export function orderOf(text: string): number | undefined {
  const order = /^49\d{10}(?<order>\d{20})\d{24}$/.exec(text)?.groups?.["order"];
  return order === undefined || Number(order) > Number.MAX_SAFE_INTEGER ? undefined : Number(order);
}
