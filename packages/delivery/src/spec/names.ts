import { mustBe, wrong, type Reader } from "./reader.ts";

/** Of AWS, as it names them; which there are is for AWS to say. */
export const region: Reader<string> = (value, place) =>
  typeof value === "string" && /^[a-z]{2}(?:-[a-z]+)+-\d+$/.test(value)
    ? value
    : mustBe(place, "a region such as us-west-2", value);

/** A part of a cluster's name, by Frigga's rules. */
export const namePart =
  (allowed: RegExp, letters: string): Reader<string> =>
  (value, place) => {
    if (typeof value !== "string" || value === "") return mustBe(place, "a text", value);
    return allowed.test(value) ? value : wrong(place, `may have ${letters} only, and is ${JSON.stringify(value)}.`);
  };

export const word = namePart(/^[a-zA-Z0-9._]+$/, "letters, digits, dots and underscores");
export const detailWord = namePart(/^[a-zA-Z0-9._\-~^]+$/, "letters, digits and . _ - ~ ^");
