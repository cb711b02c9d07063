import { expect, it } from "vitest";
import { whyFewer, type ToldActivity } from "./activities.ts";

const launched: ToldActivity = {
  StatusCode: "Successful",
  Description: "Launching a new EC2 instance: i-01",
  Cause:
    "At 2026-11-27T07:10:15Z an instance was launched in response to an unhealthy instance needing to be replaced.",
};
const shrunk: ToldActivity = {
  StatusCode: "Successful",
  Description: "Terminating EC2 instance: i-02",
  Cause:
    "At 2026-11-27T07:10:15Z an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from 2 to 1.  At 2026-11-27T07:10:15Z instance i-02 was selected for termination.",
};
const died: ToldActivity = {
  StatusCode: "InProgress",
  Description: "Terminating EC2 instance: i-03 - Waiting For ELB Connection Draining.",
  Cause:
    "At 2026-11-27T07:10:15Z an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped.",
};
const refused: ToldActivity = {
  StatusCode: "Failed",
  StatusMessage: "We currently do not have sufficient t3.micro capacity.",
  Description: "Launching a new EC2 instance.  Status Reason: ...",
};
const neverServed: ToldActivity = {
  StatusCode: "Cancelled",
  StatusMessage: "Instance became unhealthy while waiting for instance to be in InService state.",
  Description: "Launching a new EC2 instance: i-04",
};

it.each([
  ["of nothing", [], undefined],
  ["of what went well", [launched, shrunk], undefined],
  ["of a launch that failed", [refused, launched], "We currently do not have sufficient t3.micro capacity."],
  [
    "of an instance that died",
    [launched, died, refused],
    "i-03 was taken out of service in response to an EC2 health check indicating it has been terminated or stopped",
  ],
  [
    "of one that was never in service",
    [shrunk, neverServed],
    "Instance became unhealthy while waiting for instance to be in InService state.",
  ],
])("the reason %s is told in AWS's words, the newest first", (_, activities, reason) => {
  expect(whyFewer(activities)).toBe(reason);
});
