import { expect, test } from "vitest";
import { socketPath } from "./socket-path.ts";

const system = { temporaryFolder: "/tmp", userId: 1000 };

test("the socket is in the worker's folder", () => {
  expect(socketPath("/data/dataplane/x", system)).toEqual({
    folder: "/data/dataplane/x",
    path: "/data/dataplane/x/control.sock",
  });
});

test("a path that is too long for a socket is replaced by a short one that is the same each time", () => {
  const long = `/data/${"x".repeat(100)}`;
  const { folder, path } = socketPath(long, system);
  expect(folder).toBe("/tmp/trysail-1000");
  expect(Buffer.byteLength(path)).toBeLessThanOrEqual(100);
  expect(socketPath(long, system).path).toBe(path);
  expect(socketPath(`${long}y`, system).path).not.toBe(path);
});
