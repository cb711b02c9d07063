import type { Context } from "../../../kernel/context.ts";
import type { Host } from "../../../kernel/host.ts";
import type { Dimensions } from "../../../kernel/measurement.ts";
import type { Stream } from "../model.ts";
import { shardIdOf } from "../model.ts";

/** Calls are added up for so long before they are measured: many come in a second. */
const gatherMs = 200;

/** What of a stream, or of one of its shards, has happened: by the metric's name, values with how often. */
type Gathered = Map<
  string,
  { readonly unit: "Count" | "Bytes" | "Milliseconds"; readonly values: Map<number, number> }
>;

const gathering = new WeakMap<Host, Map<string, { readonly dimensions: Dimensions; readonly metrics: Gathered }>>();

/** What happens to a stream's records, on its way to CloudWatch. */
export class StreamMeter {
  readonly #ctx: Context;
  readonly #stream: Stream;

  constructor(ctx: Context, stream: Stream) {
    this.#ctx = ctx;
    this.#stream = stream;
  }

  /** A value of a metric of the stream. */
  count(name: string, value: number, unit: "Count" | "Bytes" | "Milliseconds" = "Count"): void {
    this.#add(name, value, unit, { StreamName: this.#stream.name });
  }

  /** The same of a shard, where that is asked for. */
  countOfShard(name: string, shard: number, value: number, unit: "Count" | "Bytes" | "Milliseconds" = "Count"): void {
    const { name: StreamName, shardMetrics } = this.#stream;
    if (shardMetrics.length === 0 || !shardMetrics.some((metric) => metric === name || metric === "ALL")) return;
    this.#add(name, value, unit, { StreamName, ShardId: shardIdOf(shard) });
  }

  #add(name: string, value: number, unit: "Count" | "Bytes" | "Milliseconds", dimensions: Dimensions): void {
    const ctx = this.#ctx;
    let all = gathering.get(ctx.host);
    if (all === undefined) gathering.set(ctx.host, (all = new Map()));
    const key = `${ctx.account}/${ctx.region}/${dimensions["StreamName"]}/${dimensions["ShardId"] ?? ""}`;
    let own = all.get(key);
    if (own === undefined) {
      own = { dimensions, metrics: new Map() };
      all.set(key, own);
      ctx.timer(ctx.now + gatherMs, () => this.#tell(key));
    }
    let metric = own.metrics.get(name);
    if (metric === undefined) own.metrics.set(name, (metric = { unit, values: new Map() }));
    metric.values.set(value, (metric.values.get(value) ?? 0) + 1);
  }

  #tell(key: string): void {
    const all = gathering.get(this.#ctx.host);
    const own = all?.get(key);
    all?.delete(key);
    if (own === undefined) return;
    for (const [name, { unit, values }] of own.metrics)
      this.#ctx.measure({
        namespace: "AWS/Kinesis",
        name,
        unit,
        series: [own.dimensions],
        values: [...values.keys()],
        counts: [...values.values()],
        at: this.#ctx.now,
      });
  }
}
