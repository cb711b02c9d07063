import { expect, it } from "vitest";
import { staysInside } from "./unpack-zip.ts";

it.each([
  ["link", "file", true],
  ["bin/run", "../lib/run.js", true],
  ["a/b/link", "../..", true],
  ["link", "./a/b", true],
  ["link", "..", false],
  ["bin/run", "../../etc", false],
  // Back in by the name that the folder happens to have.
  ["link", "../folder/file", false],
  // Through a link, the way up may begin anywhere.
  ["link", "other/../..", false],
  ["link", "/etc/passwd", false],
  ["link", "", false],
])("a link %s to %s stays in its archive: %s", (path, target, stays) => {
  expect(staysInside(path, target)).toBe(stays);
});
