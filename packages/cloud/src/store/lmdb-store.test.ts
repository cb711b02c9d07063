import { fork, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Migration } from "./lmdb-database.ts";
import { openStore } from "./lmdb-store.ts";
import { table } from "./table.ts";
import type { Store } from "./table.ts";

const things = table<[string, number], { readonly n: number; readonly text?: string }>("things");
const here = { account: "000000000000", region: "eu-west-1" };

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "trysail-store-"));
  store = await openStore(folder);
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});
const rows = () => store.table("s", things, here);

/** Writes the same numbers to two tables, in a process of its own. */
const writer = join(import.meta.dirname, "writer.test-kit.mjs");
const pairsOf = (round: string) =>
  (["left", "right"] as const).map((side) => {
    const written = store.table("s", table<[string, number], unknown>(side), here);
    return [...written.keys({ prefix: [round] })].map(([, n]) => n);
  }) as [number[], number[]];

describe("store", () => {
  it("shows a transaction whole when it returns, and not at all if it throws", () => {
    store.transaction(() => rows().put(["a", 1], { n: 1 }));
    expect(() =>
      store.transaction(() => {
        rows().put(["a", 1], { n: 2 });
        rows().put(["a", 2], { n: 2 });
        store.transaction(() => rows().delete(["a", 1]));
        expect(rows().has(["a", 1])).toBe(false);
        throw new Error("no");
      }),
    ).toThrow("no");
    expect([...rows().entries()]).toEqual([[["a", 1], { n: 1 }]]);
  });

  it("refuses readers while it closes, and throws nothing later", async () => {
    const own = await openStore(join(folder, "closing"));
    own.transaction(() => own.table("s", things, here).put(["a", 1], { n: 1 }));
    const closed = new AbortController();
    const closing = own.close().then(() => closed.abort());
    const answers = new Set<string>();
    while (!closed.signal.aborted) {
      try {
        answers.add(`${own.table("s", things, here).get(["a", 1])?.n}`);
      } catch (error) {
        answers.add((error as Error).message);
      }
      await new Promise(setImmediate);
    }
    await closing;
    expect([...answers].filter((answer) => answer !== "1" && answer !== "The store is closed.")).toEqual([]);
    expect(() => own.table("s", things, here).get(["a", 1])).toThrow("The store is closed.");
    expect(() => [...own.table("s", things, here).entries()]).toThrow("The store is closed.");
  });

  it("refuses to write outside of a transaction", () => {
    expect(() => rows().put(["a", 1], { n: 1 })).toThrow("outside of a transaction");
  });

  it("gives readers copies, and keeps dates, bytes and undefined members", async () => {
    const any = store.table("s", table<string, Record<string, unknown>>("any"), here);
    const value = {
      date: new Date(5),
      bytes: new Uint8Array([1, 2]),
      buffer: Buffer.from("ab"),
      none: undefined,
      map: new Map([["a", 1]]),
      nested: { list: [1, null] },
    };
    store.transaction(() => any.put("k", value));
    const changed = any.get("k") as typeof value;
    changed.nested.list.push(2);
    changed.bytes.fill(0);
    changed.buffer.fill(0);
    for (const moment of ["pending", "on disk"]) {
      const read = any.get("k") as typeof value;
      expect({ ...read, bytes: [...read.bytes] }, moment).toEqual({ ...value, bytes: [1, 2] });
      await store.durable();
    }
  });

  it("keeps accounts, regions, services and tables apart", () => {
    store.transaction(() => rows().put(["a", 1], { n: 1 }));
    const elsewhere = [
      store.table("s", things, { ...here, region: "us-east-1" }),
      store.table("s", things, { ...here, account: "111111111111" }),
      store.table("other", things, here),
      store.table("s", table<[string, number], { n: number }>("other"), here),
    ];
    expect(elsewhere.map((other) => other.get(["a", 1]))).toEqual([undefined, undefined, undefined, undefined]);
    expect([...store.scan("s", "things")]).toMatchObject([{ scope: here, key: ["a", 1], value: { n: 1 } }]);
  });

  it("tells of each transaction's changes once it is visible", () => {
    const seen: unknown[] = [];
    const stop = store.onChange((changes) =>
      seen.push(changes.map(({ key, value }) => [key, value, rows().get(key as [string, number])])),
    );
    store.transaction(() => {
      rows().put(["a", 1], { n: 1 });
      rows().put(["b", 1], { n: 2 });
    });
    stop();
    store.transaction(() => rows().delete(["a", 1]));
    expect(seen).toEqual([
      [
        [["a", 1], { n: 1 }, { n: 1 }],
        [["b", 1], { n: 2 }, { n: 2 }],
      ],
    ]);
  });

  it("lists as a sorted map would, with writes on their way to the disk or there, both ways, from anywhere", async () => {
    const name = fc.constantFrom("", "a", "ab", "b", "b\0", "c");
    const key = fc.tuple(name, fc.nat(40));
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant("write" as const),
          keys: fc.array(fc.tuple(key, fc.boolean()), { maxLength: 60 }),
          throws: fc.boolean(),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("wait" as const) }) },
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant("list" as const),
          prefix: fc.option(name),
          startsWith: fc.option(name),
          after: fc.option(key),
          reverse: fc.boolean(),
        }),
      },
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const table_ = store.table("s", things, { ...here, region: `r${run++}` });
        const model = new Map<string, number>();
        const idOf = ([a, b]: readonly [string, number]) => JSON.stringify([a, b]);
        const order = (a: readonly [string, number], b: readonly [string, number]) =>
          Buffer.compare(Buffer.from(a[0]), Buffer.from(b[0])) || a[1] - b[1];
        for (const [index, step_] of steps.entries()) {
          if (step_.do === "wait") await store.durable();
          else if (step_.do === "write") {
            const before = new Map(model);
            try {
              store.transaction(() => {
                for (const [k, remove] of step_.keys) {
                  if (remove) expect(table_.delete(k)).toBe(model.delete(idOf(k)));
                  else {
                    table_.put(k, { n: index });
                    model.set(idOf(k), index);
                  }
                }
                if (step_.throws) throw new Error("undone");
              });
            } catch (error) {
              if ((error as Error).message !== "undone") throw error;
              model.clear();
              for (const entry of before) model.set(...entry);
            }
          } else {
            const { prefix, startsWith, after, reverse } = step_;
            const expected = [...model]
              .map(([id, n]) => [JSON.parse(id) as [string, number], n] as const)
              .filter(([k]) => (prefix === null ? startsWith === null || k[0].startsWith(startsWith) : k[0] === prefix))
              .filter(([k]) => after === null || (reverse ? order(k, after) < 0 : order(k, after) > 0))
              .toSorted(([a], [b]) => (reverse ? order(b, a) : order(a, b)));
            const options = {
              ...(prefix !== null && { prefix: [prefix] }),
              ...(prefix === null && startsWith !== null && { startsWith }),
              ...(after !== null && { after }),
              reverse,
            };
            expect([...table_.entries(options)].map(([k, { n }]) => [k, n])).toEqual(expected);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it("goes on listing rightly when rows are written meanwhile", () => {
    store.transaction(() => {
      for (let i = 0; i < 200; i++) rows().put(["a", i * 2], { n: i });
    });
    const seen: number[] = [];
    for (const [, number] of rows().keys()) {
      seen.push(number);
      if (number % 2 === 0) store.transaction(() => rows().put(["a", number + 1], { n: 0 }));
    }
    expect(seen.filter((n) => n % 2 === 0)).toEqual(Array.from({ length: 200 }, (_, i) => i * 2));
    expect(seen).toEqual([...new Set(seen)].toSorted((a, b) => a - b));
  });

  it("is used by one at a time, and free again after close", async () => {
    await expect(openStore(folder)).rejects.toMatchObject({
      code: "data-in-use",
      message: expect.stringContaining(String(process.pid)) as string,
    });
    await store.close();
    store = await openStore(folder);
  });

  it.each([
    ["garbage", Buffer.alloc(100_000, "garbage")],
    ["too short a file", Buffer.from("hi")],
    ["an empty page", Buffer.alloc(16_384)],
  ])("refuses a folder whose file is %s, and leaves it as it is", async (_, content) => {
    const file = join(folder, "other", "data.mdb");
    await mkdir(join(folder, "other"));
    await writeFile(file, content);
    await expect(openStore(join(folder, "other"))).rejects.toMatchObject({ code: "data-corrupt", fault: "user" });
    expect((await readFile(file)).equals(content)).toBe(true);
    expect(await readdir(join(folder, "other"))).toEqual(["data.mdb"]);
  });

  it("refuses a folder of a newer format", async () => {
    await store.close();
    await (await openStore(folder, { formatVersion: 2, migrations: [() => {}] })).close();
    await expect(openStore(folder)).rejects.toMatchObject({ code: "data-corrupt" });
    store = await openStore(folder, { formatVersion: 2, migrations: [() => {}] });
  });

  it("runs each migration once, in order", async () => {
    store.transaction(() => rows().put(["a", 1], { n: 1 }));
    await store.close();
    const ran: number[] = [];
    const migrations = [() => void ran.push(1), () => void ran.push(2)];
    await (await openStore(folder, { formatVersion: 3, migrations })).close();
    store = await openStore(folder, { formatVersion: 3, migrations });
    expect(ran).toEqual([1, 2]);
    expect(rows().get(["a", 1])).toEqual({ n: 1 });
  });

  it("undoes the migrations of a start of which one fails", async () => {
    store.transaction(() => rows().put(["a", 1], { n: 1 }));
    await store.close();
    const emptied: Migration = (stored) => {
      for (const key of stored.keys()) stored.delete(key);
    };
    const failing: Migration = () => {
      throw new Error("cannot");
    };
    await expect(openStore(folder, { formatVersion: 3, migrations: [emptied, failing] })).rejects.toThrow("cannot");
    store = await openStore(folder);
    expect(rows().get(["a", 1])).toEqual({ n: 1 });
  });

  it("refuses to go on when the disk is full, and keeps all that it had acknowledged", async () => {
    await store.close();
    // A limit on the size of files stands for the size of the disk.
    const child = spawn(
      "sh",
      ["-c", 'ulimit -f 2000; exec "$0" "$@"', process.execPath, writer, folder, "0", "20000"],
      {
        stdio: ["ignore", "ignore", "ignore", "ipc"],
      },
    );
    let acknowledged = -1;
    const failures: unknown[] = [];
    child.on("message", (message) => {
      if (typeof message === "number") acknowledged = message;
      else failures.push(message);
    });
    const exitCode = await new Promise((resolve) => child.on("exit", resolve));
    expect(exitCode).toBe(0);
    expect(failures).toEqual([{ durable: "disk-failed" }, { durable: "disk-failed" }, { transaction: "disk-failed" }]);
    expect(acknowledged).toBeGreaterThan(0);
    store = await openStore(folder);
    const [lefts, rights] = pairsOf("0");
    expect(lefts.length).toBeGreaterThan(acknowledged);
    expect(lefts).toEqual(Array.from(lefts.keys()));
    expect(rights).toEqual(lefts);
  });

  it("loses nothing that was acknowledged, and keeps transactions whole, when its process is killed", async () => {
    await store.close();
    for (let round = 0; round < 10; round++) {
      const child = fork(writer, [folder, String(round)], {
        execArgv: [],
        stdio: ["ignore", "ignore", "inherit", "ipc"],
      });
      let acknowledged = -1;
      const killAfter = 3 + ((round * 37) % 60);
      await new Promise<void>((resolve) => {
        child.on("message", (n: number) => {
          acknowledged = Math.max(acknowledged, n);
          if (n >= killAfter) child.kill("SIGKILL");
        });
        child.on("exit", () => resolve());
      });
      expect(acknowledged).toBeGreaterThanOrEqual(killAfter);
      store = await openStore(folder);
      const [lefts, rights] = pairsOf(String(round));
      expect(lefts.length).toBeGreaterThan(acknowledged);
      expect(lefts).toEqual(Array.from(lefts.keys()));
      expect(rights).toEqual(lefts);
      await store.close();
    }
    store = await openStore(folder);
  });
});
