import {
  ElasticLoadBalancingV2Client,
  type ModifyListenerCommandInput,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { describe, expect, it } from "vitest";
import { forwardOf, withWeight } from "./forward.ts";

const after = (
  weights: Readonly<Record<string, number>>,
  group: string,
  weight: number | undefined,
  own: string | undefined,
) => Object.fromEntries(withWeight(new Map(Object.entries(weights)), group, weight, own));

describe("a listener's weights, after one was set", () => {
  it.each([
    ["a first group waits", { own: 1 }, "a", 0, { own: 1, a: 0 }],
    ["a first group serves", { own: 1, a: 0 }, "a", 100, { a: 100 }],
    ["a second one waits", { a: 100 }, "b", 0, { a: 100, b: 0 }],
    ["both serve", { a: 100, b: 0 }, "b", 25, { a: 100, b: 25 }],
    ["the first serves no more", { a: 100, b: 100 }, "a", 0, { a: 0, b: 100 }],
    ["the first is gone", { a: 0, b: 100 }, "a", undefined, { b: 100 }],
    ["the last serves no more", { b: 100 }, "b", 0, { b: 0, own: 1 }],
    ["the last is gone", { b: 100 }, "b", undefined, { own: 1 }],
    ["nothing is new", { a: 100, b: 25 }, "b", 25, { a: 100, b: 25 }],
    ["one that is gone already goes", { a: 100 }, "b", undefined, { a: 100 }],
  ])("%s", (_, before, group, weight, weights) => {
    expect(after(before, group, weight, "own")).toEqual(weights);
  });

  it("leave the fleet's own target group as it is while a group that no rollout made serves in it", () => {
    expect(after({ own: 100 }, "a", 25, undefined)).toEqual({ own: 100, a: 25 });
    expect(after({ own: 100, a: 100 }, "own", 0, undefined)).toEqual({ own: 0, a: 100 });
    expect(after({ own: 100 }, "own", 50, undefined)).toEqual({ own: 50 });
    // An action forwards to one at least.
    expect(after({ own: 100 }, "own", undefined, undefined)).toEqual({ own: 0 });
  });
});

describe("a listener that shows what was before", () => {
  /** Shows these weights, whatever is written. */
  function stale(shown: Readonly<Record<string, number>>) {
    const written: object[] = [];
    const client = new ElasticLoadBalancingV2Client({ region: "eu-west-1" });
    const tuples = Object.entries(shown).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight }));
    const forward = { Type: "forward", ForwardConfig: { TargetGroups: tuples } };
    client.middlewareStack.add(
      (_, { commandName }) =>
        ({ input }) => {
          if (commandName === "ModifyListenerCommand") written.push(weightsIn(input as ModifyListenerCommandInput));
          return Promise.resolve({
            response: {},
            output: { $metadata: {}, Listeners: [{ DefaultActions: [forward] }] },
          });
        },
      { step: "initialize" },
    );
    return { client, written };
  }
  const weightsIn = ({ DefaultActions: [action] = [] }: ModifyListenerCommandInput) =>
    Object.fromEntries(
      action!.ForwardConfig!.TargetGroups!.map(({ TargetGroupArn, Weight }) => [TargetGroupArn, Weight]),
    );

  it("keeps the traffic that was given a moment ago", async () => {
    let now = 0;
    const { client, written } = stale({ old: 100, new: 0 });
    const forward = forwardOf(client, "arn:of:listener", () => now);
    await forward.change((weights) => withWeight(weights, "new", 100, "own"));
    now = 4_999;
    expect(Object.fromEntries(await forward.read())).toEqual({ old: 100, new: 100 });
    await forward.change((weights) => withWeight(weights, "old", 0, "own"));
    expect(written).toEqual([
      { old: 100, new: 100 },
      { old: 0, new: 100 },
    ]);
    // Whoever has changed it since is heard.
    now = 9_999;
    expect(Object.fromEntries(await forward.read())).toEqual({ old: 100, new: 0 });
  });
});
