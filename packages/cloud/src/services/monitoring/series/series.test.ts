import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../../kernel/context.ts";
import type { Host } from "../../../kernel/host.ts";
import { startTestKernel } from "../../../testing/test-kernel.test-kit.ts";
import type { TestKernel } from "../../../testing/test-kernel.test-kit.ts";
import { monitoring } from "../index.ts";
import { tables } from "../store.ts";
import { ofValue } from "./aggregate.ts";
import { ageing, compacting } from "./compacting.ts";
import { keep } from "./keep.ts";
import { readPeriods } from "./read.ts";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await startTestKernel([monitoring], () => Promise.resolve({}));
  return () => kernel.stop();
});

/** The service's context in a Trysail whose memory is that of the host. */
const contextIn = (host: Host): Context => {
  const ctx = kernel.context(monitoring);
  return new Proxy(ctx, {
    get(_, name: keyof Context) {
      if (name === "host") return host;
      const value: unknown = ctx[name];
      return typeof value === "function" ? (value as () => unknown).bind(ctx) : value;
    },
  });
};

type Step =
  | { readonly do: "put"; readonly agoSeconds: number; readonly value: number; readonly resolution: 1 | 60 }
  | { readonly do: "compact" | "crash" }
  | { readonly do: "wait"; readonly seconds: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("put" as const),
      agoSeconds: fc.integer({ min: 0, max: 20 * 3600 }),
      value: fc.integer({ min: 0, max: 100 }),
      resolution: fc.constantFrom(1 as const, 60 as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("compact" as const, "crash" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("wait" as const), seconds: fc.integer({ min: 1, max: 30 * 24 * 3600 }) }),
  },
);

describe("series", () => {
  it("lose no sample and count none twice, whatever happens between", async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        run += 1;
        const metric = { namespace: "Test", name: `m${run}`, dimensions: { a: "b" } };
        let host = {} as Host;
        const put: { readonly at: number; readonly value: number }[] = [];
        for (const one of steps) {
          switch (one.do) {
            case "wait":
              await kernel.clock.advance({ seconds: one.seconds });
              break;
            // What is remembered is gone.
            case "crash":
              host = {} as Host;
              break;
            case "compact":
              await kernel.clock.advance({ seconds: 11 });
              await compacting.reconcile(contextIn(host), "journal");
              for (const key of Array.from(contextIn(host).table(tables.ageings).keys()))
                await ageing.reconcile(contextIn(host), JSON.stringify(key));
              break;
            case "put": {
              const ctx = contextIn(host);
              const at = ctx.now - one.agoSeconds * 1000;
              const samples = ofValue(one.value, 1);
              ctx.transaction(() =>
                keep(ctx, [{ ...metric, unit: "Count", at, resolutionSeconds: one.resolution, samples }]),
              );
              put.push({ at, value: one.value });
            }
          }
        }
        const ctx = contextIn(host);
        const [all] = readPeriods(ctx, metric, {
          start: 0,
          end: ctx.now + 1000,
          periodSeconds: 10 * 365 * 24 * 3600 * 10,
        });
        const kept = put.filter(({ at }) => ctx.now - at < 455 * 24 * 3600 * 1000);
        expect(all?.count ?? 0).toBe(kept.length);
        expect(all?.sum ?? 0).toBe(kept.reduce((sum, { value }) => sum + value, 0));
        // Each minute has what came in it, as long as minutes are kept.
        const minutes = readPeriods(ctx, metric, { start: 0, end: ctx.now + 1000, periodSeconds: 60 });
        for (const { at } of put)
          if (ctx.now - at < 15 * 24 * 3600 * 1000)
            expect(minutes.some(({ start }) => start === Math.floor(at / 60_000) * 60_000)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});
