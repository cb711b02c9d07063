import { expect, it } from "vitest";
import { eventLine } from "./event-line.ts";

const plain = { bold: (text: string) => text, dim: (text: string) => text };
const event = {
  "detail-type": "EC2 Instance State-change Notification",
  source: "aws.ec2",
  region: "us-east-1",
  time: "2026-11-26T17:00:00Z",
  detail: { "instance-id": "i-1", state: "running", more: { deep: 1 }, nothing: null, empty: "" },
};

it("tells what happened in one line, without what is deep in it", () => {
  expect(eventLine(event, plain).slice(9)).toBe(
    "us-east-1 aws.ec2 EC2 Instance State-change Notification state=running instance-id=i-1",
  );
  expect(eventLine(event, plain, 30)).toHaveLength(30);
});

it("tells the state first, ids last, names in place of ARNs, and no second time", () => {
  const detail = {
    "execution-id": "6b1f8a2c-1111-4222-8333-944455556666",
    "start-time": "2026-11-26T17:00:00.000Z",
    topic: "arn:aws:sns:us-east-1:000000000000:alerts",
    version: 1,
    state: { value: "ALARM", reason: "too much" },
  };
  expect(eventLine({ ...event, detail }, plain)).toMatch(
    /Notification state=ALARM topic=alerts execution-id=6b1f8a2c-1111-4222-8333-944455556666$/,
  );
});
