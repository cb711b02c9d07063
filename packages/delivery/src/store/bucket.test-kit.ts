import type { JsonBucket, Versioned } from "./bucket.ts";

/** A bucket in memory that compares and swaps as S3 does: what is read was written as text. */
export function memoryBucket(): JsonBucket & { readonly keys: () => readonly string[] } {
  const objects = new Map<string, { readonly text: string; readonly etag: string }>();
  let written = 0;
  const put = (key: string, text: string) => {
    const etag = `"${(written += 1)}"`;
    objects.set(key, { text, etag });
    return etag;
  };
  const sorted = () => [...objects.keys()].toSorted();
  return {
    keys: sorted,
    async read<T>(key: string): Promise<Versioned<T> | undefined> {
      const found = objects.get(key);
      return found && { value: JSON.parse(found.text) as T, etag: found.etag };
    },
    async create(key, value) {
      return objects.has(key) ? undefined : { value, etag: put(key, JSON.stringify(value)) };
    },
    async replace(key, before, value) {
      return objects.get(key)?.etag === before.etag ? { value, etag: put(key, JSON.stringify(value)) } : undefined;
    },
    async put(key, body) {
      put(key, body);
    },
    text: async (key) => objects.get(key)?.text,
    async remove(key, before) {
      return objects.get(key)?.etag === before.etag && objects.delete(key);
    },
    list: async (prefix, after = "") => sorted().filter((key) => key.startsWith(prefix) && key > after),
  };
}
