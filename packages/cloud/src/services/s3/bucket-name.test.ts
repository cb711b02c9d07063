import { expect, test } from "vitest";
import { isBucketName } from "./bucket-name.ts";

test.each(["abc", "a.b-c", "1bucket", "x".repeat(63), "my.bucket.example.com"])("accepts %s", (name) => {
  expect(isBucketName(name)).toBe(true);
});

test.each([
  "ab",
  "x".repeat(64),
  "Upper",
  "under_score",
  "-a1",
  "a1-",
  ".a1",
  "a..b",
  "192.168.5.4",
  "xn--abc",
  "sthree-abc",
  "abc-s3alias",
  "a--ol-s3",
])("refuses %s", (name) => {
  expect(isBucketName(name)).toBe(false);
});
