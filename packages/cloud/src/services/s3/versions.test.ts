import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Context } from "../../kernel/context.ts";
import { randomIds } from "../../kernel/ids.ts";
import { openStore } from "../../store/lmdb-store.ts";
import type { Store } from "../../store/table.ts";
import type { Bucket, StoredObject, Version } from "./model.ts";
import { tables } from "./store.ts";
import { currentObject, deleteCurrent, deleteVersion, findVersion, putObjectVersion } from "./versions.ts";

let folder: string;
let store: Store;
let home: Context;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "trysail-versions-"));
  store = await openStore(folder);
  const scope = { account: "000000000000", region: "us-east-1" };
  home = { now: 1000, ids: randomIds(), table: (def: never) => store.table("s3", def, scope) } as unknown as Context;
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const content = {
  sizeBytes: 0,
  checksum: undefined,
  body: { kind: "empty" },
  headers: {},
  metadata: {},
  redirect: undefined,
  storageClass: "STANDARD",
  encryption: { algorithm: "AES256", keyId: undefined, bucketKey: false },
  tags: {},
  grants: undefined,
  lock: undefined,
} as const satisfies Partial<StoredObject>;

/** A version as AWS's documentation has it: what it holds (undefined for a delete marker), and whether its id is null. */
interface Expected {
  readonly etag: string | undefined;
  readonly isNull: boolean;
}

type Step =
  | { readonly do: "put" }
  | { readonly do: "delete" }
  | { readonly do: "delete-version"; readonly index: number }
  | { readonly do: "set"; readonly versioning: "Enabled" | "Suspended" };

function expectedAfter(
  versions: readonly Expected[],
  versioning: Bucket["versioning"],
  etag: string | undefined,
): readonly Expected[] {
  if (versioning === undefined) return etag === undefined ? [] : [{ etag, isNull: true }];
  if (versioning === "Enabled") return [{ etag, isNull: false }, ...versions];
  return [{ etag, isNull: true }, ...versions.filter(({ isNull }) => !isNull)];
}

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>({ do: "put" }) },
  { weight: 2, arbitrary: fc.constant<Step>({ do: "delete" }) },
  { weight: 2, arbitrary: fc.nat(5).map((index): Step => ({ do: "delete-version", index })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Step>({ do: "set", versioning: "Enabled" }, { do: "set", versioning: "Suspended" }),
  },
);

test("a key's versions are what AWS's rules make of them, whatever is done to it", () => {
  let runs = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const key = `key-${runs++}`;
      let bucket = { name: "b", versioning: undefined } as Bucket;
      let expected: readonly Expected[] = [];
      const stored = (): readonly Version[] => {
        const current = currentObject(home, bucket, key);
        return [
          ...(current === undefined ? [] : [current]),
          ...home.table(tables.versions).values({ prefix: ["b", key] }),
        ];
      };
      for (const [number, each] of steps.entries()) {
        store.transaction(() => {
          switch (each.do) {
            case "put":
              putObjectVersion(home, bucket, key, { ...content, etag: `${number}` });
              expected = expectedAfter(expected, bucket.versioning, `${number}`);
              return;
            case "delete":
              deleteCurrent(home, bucket, key);
              expected = expectedAfter(expected, bucket.versioning, undefined);
              return;
            case "delete-version": {
              const version = stored()[each.index];
              if (version !== undefined) deleteVersion(home, bucket, key, version);
              expected = expected.filter((_, index) => index !== each.index);
              return;
            }
            case "set":
              bucket = { ...bucket, versioning: each.versioning };
              return;
          }
        });
        const versions = stored();
        expect(
          versions.map((version) => ({
            etag: version.deleteMarker ? undefined : version.etag,
            isNull: version.versionId === undefined,
          })),
        ).toEqual(expected);
        expect(currentObject(home, bucket, key)?.etag).toBe(expected[0]?.etag);
        for (const version of versions)
          expect(findVersion(home, bucket, key, version.versionId ?? "null")).toEqual(version);
      }
    }),
  );
});
