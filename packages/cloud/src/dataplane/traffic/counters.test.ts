import fc from "fast-check";
import { expect, it } from "vitest";
import { Counters } from "./counters.ts";
import { Latencies } from "./latencies.ts";

it("times are told to within a per cent, and none is lost", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.02, max: 1e6, noNaN: true }), { minLength: 1 }), (times) => {
      const latencies = new Latencies();
      for (const ms of times) latencies.add(ms);
      const { values, counts } = latencies.take();
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(times.length);
      for (const ms of times) expect(values.some((value) => Math.abs(value - ms) / ms <= 0.011)).toBe(true);
      expect(latencies.take().values).toEqual([]);
    }),
  );
});

it("what was told is not told again, and what is nothing is not told", () => {
  const counters = new Counters();
  expect(counters.take()).toBeUndefined();
  const group = counters.group("group", "zone");
  group.requests += 2;
  group.answered(200, 5);
  group.answered(503, 7);
  counters.balancer("balancer").answered(502);
  expect(counters.take()).toMatchObject({
    balancers: [{ loadBalancerArn: "balancer", ownAnswers: { 502: 1 } }],
    groups: [{ targetGroupArn: "group", zone: "zone", requests: 2, answers: { 2: 1, 5: 1 } }],
  });
  expect(counters.take()).toBeUndefined();
  counters.keepOnly((arn) => arn !== "group");
  expect(counters.group("group", "zone")).not.toBe(group);
});
