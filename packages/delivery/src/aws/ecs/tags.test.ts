import { expect, it } from "vitest";
import { sizeOf, sizeTags } from "./tags.ts";

it("a size is what the count and the tags tell", () => {
  expect(sizeOf({ desiredCount: 3 }, sizeTags({ min: 1, desired: 3, max: 5 }))).toEqual({ min: 1, desired: 3, max: 5 });
});

it("a service without the tags is as small and as large as it is wanted", () => {
  expect(sizeOf({ desiredCount: 3 }, {})).toEqual({ min: 3, desired: 3, max: 3 });
  expect(sizeOf({ desiredCount: 3 }, { "trysail:min": "few", "trysail:max": "" })).toEqual({
    min: 3,
    desired: 3,
    max: 3,
  });
});

it("a count that others have changed is never outside of the minimum and the maximum", () => {
  const tags = sizeTags({ min: 2, desired: 2, max: 4 });
  expect(sizeOf({ desiredCount: 1 }, tags)).toEqual({ min: 1, desired: 1, max: 4 });
  expect(sizeOf({ desiredCount: 6 }, tags)).toEqual({ min: 2, desired: 6, max: 6 });
});
