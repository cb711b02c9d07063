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
    "us-east-1 aws.ec2 EC2 Instance State-change Notification instance-id=i-1 state=running",
  );
  expect(eventLine(event, plain, 30)).toHaveLength(30);
});
