import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPlaces, parsePlace, reachedAt, textOf } from "./addresses.ts";
import { firstPortOf, portsPerWorkload, reachablePort, sharedPlaces, sharedPort } from "./ports.ts";

const port = fc.integer({ min: 1, max: 65_535 });

describe("places", () => {
  it("are never handed out twice, and are loopback addresses that nobody else uses", () => {
    fc.assert(
      fc.property(fc.string(), fc.boolean(), fc.array(fc.boolean(), { maxLength: 300 }), (folder, own, steps) => {
        const places = createPlaces(folder, own);
        const taken: string[] = [];
        for (const takes of steps) {
          const last = taken.at(-1);
          const place = last === undefined ? undefined : parsePlace(last);
          if (takes || place === undefined) {
            const text = textOf(places.take());
            expect(taken).not.toContain(text);
            expect(text).toMatch(own ? /^127\.(?!0\.)\d+\.\d+\.(?!0$|255$)\d+$/ : /^127\.0\.0\.1 \d+$/);
            taken.push(text);
          } else {
            places.giveBack(place);
            taken.pop();
          }
        }
      }),
    );
  });

  it("are not handed out if they were kept from an earlier run, nor soon after they were given back", () => {
    const before = createPlaces("/data", true);
    const kept = [before.take(), before.take()];
    const after = createPlaces("/data", true);
    for (const place of kept) after.keep(place);
    const next = after.take();
    expect(kept).not.toContainEqual(next);
    after.giveBack(next);
    expect(after.take()).not.toEqual(next);
  });

  it("run out loudly", () => {
    const places = createPlaces("/data", false);
    for (let count = 0; count < sharedPlaces; count += 1) places.take();
    expect(() => places.take()).toThrow("taken");
  });

  it("are read as they were written, and nothing else is", () => {
    for (const place of [createPlaces("/a", true).take(), createPlaces("/a", false).take()])
      expect(parsePlace(textOf(place))).toEqual(place);
    expect(parsePlace("10.0.0.1")).toBeUndefined();
    expect(parsePlace("")).toBeUndefined();
  });
});

describe("ports", () => {
  it("are raised where the system does not let us listen", () => {
    expect(reachablePort(80, 1024)).toBe(10_080);
    expect(reachablePort(80, 1)).toBe(80);
    expect(reachablePort(8080, 1024)).toBe(8080);
    expect(reachablePort(0, 1024)).toBe(0);
  });

  it("of one place on a shared address are never those of another, and stay what they are when asked for again", () => {
    fc.assert(
      fc.property(port, port, fc.nat(sharedPlaces - 1), fc.nat(sharedPlaces - 1), (one, other, here, there) => {
        fc.pre(here !== there);
        const reached = sharedPort(one, firstPortOf(here));
        expect(reached).not.toBe(sharedPort(other, firstPortOf(there)));
        expect(sharedPort(reached, firstPortOf(here))).toBe(reached);
        expect(reached).toBeGreaterThanOrEqual(1024);
        expect(reached).toBeLessThan(32_768);
      }),
    );
  });

  it("that applications usually have differ on a shared address", () => {
    const usual = [80, 443, 3000, 5000, 8000, 8080, 8081, 9090];
    expect(new Set(usual.map((each) => each % portsPerWorkload)).size).toBe(usual.length);
  });

  it("are reached on the place's own address, or on the shared one", () => {
    expect(reachedAt({ kind: "own", address: "127.4.5.6" }, 443, 1024)).toEqual({ host: "127.4.5.6", port: 10_443 });
    expect(reachedAt({ kind: "shared", firstPort: 12_000 }, 8080, 1024)).toEqual({ host: "127.0.0.1", port: 12_007 });
  });
});
