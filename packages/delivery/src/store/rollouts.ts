import { clusterName, type ClusterName } from "../server-groups/name.ts";
import type { JsonBucket, Versioned } from "./bucket.ts";
import type { JournalLine, RolloutView, StoredRollout } from "./model.ts";

/**
 * Rollouts in a bucket of S3. It compares and swaps, which Parameter Store does not, and is strongly consistent.
 *
 * - `open/ID.json`, `ended/ID.json`: the rollouts
 * - `clusters/CLUSTER.json`: which rollout a cluster is changed by
 * - `journal/ID/…`, `reports/ID/…`, `views/ID.json`: for people
 *
 * @see docs/decisions/0014-rollouts-are-kept-in-a-bucket.md
 */
export interface RolloutStore {
  read(id: string): Promise<Versioned<StoredRollout> | undefined>;
  /** @returns undefined if there is one of that id */
  create(stored: StoredRollout): Promise<Versioned<StoredRollout> | undefined>;
  /** @returns undefined if somebody else has written it meanwhile */
  write(before: Versioned<StoredRollout>, stored: StoredRollout): Promise<Versioned<StoredRollout> | undefined>;
  /**
   * Puts an ended one away; its cluster is free.
   *
   * @returns false if somebody else has written it meanwhile: then it goes on
   */
  end(stored: Versioned<StoredRollout>): Promise<boolean>;
  /** Ids of those that have not ended. */
  open(): Promise<readonly string[]>;
  /** Ids of those that have ended, of a cluster or of all, in no order. */
  ended(cluster?: ClusterName): Promise<readonly string[]>;
  /** Whether the cluster is changed by this rollout from now on; not while it is by another. */
  take(cluster: ClusterName, id: string): Promise<boolean>;
  /** @param name - unique within the rollout, and in the order of time */
  addToJournal(id: string, name: string, lines: readonly JournalLine[]): Promise<void>;
  /** @param after - the last name that was read */
  journal(
    id: string,
    after?: string,
  ): Promise<{ readonly lines: readonly JournalLine[]; readonly last: string | undefined }>;
  /** @returns the report's key in the bucket, without its ending */
  putReport(id: string, name: string, report: { readonly json: string; readonly html: string }): Promise<string>;
  /** Keys of its reports, as `putReport` returned them. */
  reports(id: string): Promise<readonly string[]>;
  report(key: string, format: "json" | "html"): Promise<string | undefined>;
  putView(id: string, view: RolloutView): Promise<void>;
  view(id: string): Promise<RolloutView | undefined>;
}

interface Holder {
  readonly id: string | undefined;
}

export function rolloutStore(bucket: JsonBucket): RolloutStore {
  const openKey = (id: string) => `open/${id}.json`;
  const endedKey = (id: string) => `ended/${id}.json`;
  const clusterKey = (cluster: ClusterName) => `clusters/${clusterName(cluster)}.json`;
  const idOf = (key: string) => key.slice(key.indexOf("/") + 1, -".json".length);

  async function release(cluster: ClusterName, id: string): Promise<void> {
    const held = await bucket.read<Holder>(clusterKey(cluster));
    if (held?.value.id === id) await bucket.replace(clusterKey(cluster), held, { id: undefined });
  }

  return {
    read: async (id) =>
      (await bucket.read<StoredRollout>(openKey(id))) ?? (await bucket.read<StoredRollout>(endedKey(id))),
    create: (stored) => bucket.create(openKey(stored.rollout.id), stored),
    write: (before, stored) => bucket.replace(openKey(stored.rollout.id), before, stored),
    async end(stored) {
      const { value } = stored;
      const { id, spec } = value.rollout;
      // First the copy: if this is cut off, it is in both, and ended again by who finds it open.
      await bucket.put(endedKey(id), JSON.stringify(value), "application/json");
      if (!(await bucket.remove(openKey(id), stored))) return false;
      // If this is cut off, the next one takes the cluster all the same.
      await release(spec.cluster, id);
      return true;
    },
    open: async () => (await bucket.list("open/")).map(idOf),
    async ended(cluster) {
      if (cluster === undefined) return (await bucket.list("ended/")).map(idOf);
      const name = clusterName(cluster);
      // A dot may be in a cluster's name too: what follows the last one is the time.
      return (await bucket.list(`ended/${name}.`)).map(idOf).filter((id) => id.lastIndexOf(".") === name.length);
    },
    async take(cluster, id) {
      const key = clusterKey(cluster);
      const held = await bucket.read<Holder>(key);
      if (held === undefined) return (await bucket.create(key, { id })) !== undefined;
      if (held.value.id === id) return true;
      if (held.value.id !== undefined && (await bucket.read(openKey(held.value.id))) !== undefined) return false;
      return (await bucket.replace(key, held, { id })) !== undefined;
    },
    addToJournal: (id, name, lines) =>
      bucket.put(
        `journal/${id}/${name}.jsonl`,
        lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
        "application/x-ndjson",
      ),
    async journal(id, after) {
      const keys = await bucket.list(`journal/${id}/`, after);
      const texts = await Promise.all(keys.map((key) => bucket.text(key)));
      const lines = texts.flatMap((text) => (text ?? "").split("\n").filter((line) => line !== ""));
      return { lines: lines.map((line) => JSON.parse(line) as JournalLine), last: keys.at(-1) ?? after };
    },
    async putReport(id, name, { json, html }) {
      const key = `reports/${id}/${name}`;
      await Promise.all([
        bucket.put(`${key}.json`, json, "application/json"),
        bucket.put(`${key}.html`, html, "text/html; charset=utf-8"),
      ]);
      return key;
    },
    reports: async (id) =>
      (await bucket.list(`reports/${id}/`)).flatMap((key) =>
        key.endsWith(".json") ? [key.slice(0, -".json".length)] : [],
      ),
    report: (key, format) => bucket.text(`${key}.${format}`),
    putView: (id, view) => bucket.put(`views/${id}.json`, JSON.stringify(view), "application/json"),
    async view(id) {
      const text = await bucket.text(`views/${id}.json`);
      return text === undefined ? undefined : (JSON.parse(text) as RolloutView);
    },
  };
}
