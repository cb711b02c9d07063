import { expect, it } from "vitest";
import { whyFewer } from "./events.ts";

const at = (second: number) => new Date(second * 1_000);
const steady = { createdAt: at(30), message: "(service web) has reached a steady state." };
const placed = { createdAt: at(20), message: "(service web) has started 1 tasks: (task 0123)." };
const unplaced = {
  createdAt: at(10),
  message:
    "(service web) was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone.",
};
const ill = {
  createdAt: at(15),
  message:
    "(service web) (port 8080) is unhealthy in (target-group arn:1) due to (reason Health checks failed with these codes: [500]).",
};

it.each([
  ["of nothing", [], undefined],
  ["of what went well", [steady, placed], undefined],
  [
    "of capacity that is not there",
    [placed, unplaced],
    "was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone.",
  ],
  [
    "of tasks that the balancer finds unhealthy",
    [steady, ill, unplaced],
    "(port 8080) is unhealthy in (target-group arn:1) due to (reason Health checks failed with these codes: [500]).",
  ],
])("the reason %s is told in ECS's words, the newest first", (_, events, reason) => {
  expect(whyFewer(events, at(5))).toBe(reason);
});

it("what an earlier service of the name has met is no reason", () => {
  expect(whyFewer([placed, unplaced], at(12))).toBeUndefined();
});
