import { describe, expect, it } from "vitest";
import { descriptionOf } from "./activity.ts";
import { at, desiredChange, join, launchCause, terminateCause } from "./causes.ts";
import { nextRun, sizesAfter } from "./scheduled-action.ts";

describe("causes and descriptions", () => {
  it("are AWS's words", () => {
    const time = Date.UTC(2026, 10, 26, 3, 0, 0, 123);
    expect(join(at(time, desiredChange.created(2)), at(time, launchCause.difference(0, 2)))).toBe(
      "At 2026-11-26T03:00:00Z a user request created an AutoScalingGroup changing the desired capacity from 0 to 2.  At 2026-11-26T03:00:00Z an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 0 to 2.",
    );
    expect(at(time, terminateCause.unhealthy("ec2"))).toBe(
      "At 2026-11-26T03:00:00Z an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped.",
    );
    const failed = {
      kind: "launch",
      instanceId: undefined,
      statusMessage: "No room. Launching EC2 instance failed.",
    } as const;
    expect(descriptionOf(failed as never)).toBe(
      "Launching a new EC2 instance.  Status Reason: No room. Launching EC2 instance failed.",
    );
  });
});

describe("scheduled actions", () => {
  it("come again as their pattern says, in their time zone, until their end", () => {
    const daily = { recurrence: "30 9 * * 1-5", timeZone: "Europe/Zurich", endsAt: Date.UTC(2026, 10, 30) };
    const friday = nextRun(daily, Date.UTC(2026, 10, 26, 9));
    expect(new Date(friday ?? 0).toISOString()).toBe("2026-11-27T08:30:00.000Z");
    expect(nextRun(daily, friday ?? 0)).toBeUndefined();
  });

  it("keep the desired capacity within the limits that they set", () => {
    expect(sizesAfter({ min: 3, max: undefined, desired: undefined }, { min: 1, max: 5, desired: 2 })).toEqual({
      min: 3,
      max: 5,
      desired: 3,
      changes: ["Setting min size from 1 to 3", "Setting desired capacity from 2 to 3"],
    });
  });
});
