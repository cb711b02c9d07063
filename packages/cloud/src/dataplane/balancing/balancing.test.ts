import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chooseTarget, pickWeighted, shareOf } from "./choose-target.ts";
import { cookieValue, readStickyCookie, setCookieFields, tokenOf } from "./cookies.ts";
import { mayRetry } from "./may-retry.ts";
import { usableTargets } from "./usable-targets.ts";

const minute = 60_000;
const choice = { algorithm: "round_robin", slowStartMs: 0, now: minute, random: 0, turn: 0 } as const;
const target = (name: string, more: { inFlight?: number; servingSince?: number } = {}) => ({
  name,
  inFlight: 0,
  servingSince: 0,
  ...more,
});

describe("choosing", () => {
  test("goes round", () => {
    const targets = [target("a"), target("b"), target("c")];
    const names = [0, 1, 2, 3].map((turn) => chooseTarget(targets, { ...choice, turn })?.name);
    expect(names).toEqual(["a", "b", "c", "a"]);
  });

  test("takes one with the fewest requests, whose turn it is", () => {
    const targets = [target("a", { inFlight: 2 }), target("b", { inFlight: 1 }), target("c", { inFlight: 1 })];
    const names = [0, 1, 2, 3].map(
      (turn) => chooseTarget(targets, { ...choice, algorithm: "least_outstanding_requests", turn })?.name,
    );
    expect(names).toEqual(["b", "b", "c", "b"]);
  });

  test("gives a target that has just begun to serve a growing share", () => {
    const begun = target("new", { servingSince: minute });
    expect([0, 15, 30, 60, 90].map((seconds) => shareOf(begun, minute, minute + seconds * 1000))).toEqual([
      0.05, 0.25, 0.5, 1, 1,
    ]);
    const counts = { old: 0, new: 0 };
    for (let step = 0; step < 1000; step++) {
      const random = step / 1000;
      const chosen = chooseTarget([target("old"), begun], {
        ...choice,
        slowStartMs: minute,
        now: minute * 1.5,
        random,
      });
      counts[chosen?.name as "old" | "new"] += 1;
    }
    expect(counts).toEqual({ old: 667, new: 333 });
  });

  test("takes some target whenever there is one", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ inFlight: fc.nat(9), servingSince: fc.nat(99) }), { minLength: 1, maxLength: 5 }),
        fc.constantFrom("round_robin", "least_outstanding_requests", "weighted_random"),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.nat(),
        fc.constantFrom(0, 50),
        (candidates, algorithm, random, turn, slowStartMs) => {
          const chosen = chooseTarget(candidates, { algorithm, slowStartMs, now: 100, random, turn });
          expect(candidates).toContain(chosen);
        },
      ),
    );
  });

  test("weighs groups, and takes none of those that weigh nothing", () => {
    const picks = Array.from({ length: 100 }, (_, step) => pickWeighted(["a", "b", "c"], [9, 1, 0], step / 100));
    expect([picks.filter((pick) => pick === "a").length, picks.filter((pick) => pick === "b").length]).toEqual([
      90, 10,
    ]);
    expect(pickWeighted(["a"], [0], 0.5)).toBeUndefined();
  });
});

describe("who gets requests", () => {
  const member = (state: "initial" | "healthy" | "unhealthy" | "draining", exited = false) => ({ state, exited });
  const off = { count: 1, percentage: 0 };

  test("the healthy ones", () => {
    const healthy = member("healthy");
    expect(usableTargets([member("unhealthy"), healthy, member("initial"), member("draining")], off)).toEqual([
      healthy,
    ]);
  });

  test("all that are left when none is healthy, but not those that are gone or draining", () => {
    const left = [member("unhealthy"), member("initial")];
    expect(usableTargets([...left, member("unhealthy", true), member("draining")], off)).toEqual(left);
  });

  test("all when fewer are healthy than the group demands", () => {
    const members = [member("healthy"), member("unhealthy"), member("unhealthy"), member("unhealthy")];
    expect(usableTargets(members, { count: 2, percentage: 0 })).toEqual(members);
    expect(usableTargets(members, { count: 1, percentage: 50 })).toEqual(members);
    expect(usableTargets(members, { count: 1, percentage: 25 })).toHaveLength(1);
  });
});

describe("cookies", () => {
  const token = tokenOf("group", "target");

  test("lead back until their time is over", () => {
    const fields = setCookieFields("AWSALB", { token, expiresAt: 10_000 }, 0);
    expect(fields).toMatch(/^Set-Cookie: AWSALB=\S+; Expires=Thu, 08 Jan 1970 00:00:00 GMT; Path=\/\r\n/);
    expect(fields).toMatch(/AWSALBCORS=\S+; Expires=[^;]+; Path=\/; SameSite=None; Secure\r\n$/);
    const cookies = `x=y; AWSALB=${/AWSALB=([^;]+)/.exec(fields)?.[1]}`;
    expect(readStickyCookie(cookies, "AWSALB", 9_000)).toBe(token);
    expect(readStickyCookie(cookies, "AWSALB", 10_000)).toBeUndefined();
    expect(readStickyCookie(cookies.replace("AWSALB=", "AWSALBCORS="), "AWSALB", 0)).toBe(token);
    expect(readStickyCookie("AWSALB=nonsense", "AWSALB", 0)).toBeUndefined();
  });

  test("are found among others", () => {
    expect(cookieValue("a=1; bb=2;b=3=4", "b")).toBe("3=4");
    expect(cookieValue("a=1", "b")).toBeUndefined();
  });
});

test.each([
  ["GET that was sent", { method: "GET", sent: true, answered: false, replayable: true }, true],
  ["PUT that was sent", { method: "PUT", sent: true, answered: false, replayable: true }, true],
  ["PUT whose body is gone", { method: "PUT", sent: true, answered: false, replayable: false }, false],
  ["POST that was sent", { method: "POST", sent: true, answered: false, replayable: true }, false],
  ["POST that was not sent", { method: "POST", sent: false, answered: false, replayable: true }, true],
  ["GET that was answered in part", { method: "GET", sent: true, answered: true, replayable: true }, false],
])("%s: sent again is %s", (_, failure, again) => {
  expect(mayRetry(failure)).toBe(again);
});
