import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frameReader } from "./frames.ts";

const nonce = "0123abcd";

describe("frames in a shell's output", () => {
  it("are found wherever the output is cut, and the text between them is kept, in order", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "\u001e", "0123", " ", "\n", "ü") });
    const frame = fc.record({ verb: fc.constantFrom("exit", "value"), value: text });
    const part = fc.oneof(text, frame);
    fc.assert(
      fc.property(fc.array(part), fc.array(fc.nat(200)), (parts, cuts) => {
        const whole = Buffer.from(
          parts.map((p) => (typeof p === "string" ? p : `\u001e${nonce} ${p.verb} ${p.value} ${nonce}\u001e`)).join(""),
        );
        const seen: (Buffer | string)[] = [];
        const reader = frameReader(nonce, {
          text: (chunk) => void seen.push(chunk),
          frame: ({ verb, value }) => void seen.push(`\u0000${verb}=${value}\u0000`),
        });
        const places = [...new Set(cuts.map((cut) => Math.min(cut, whole.length)))].toSorted((a, b) => a - b);
        [0, ...places].forEach((from, index) => reader.push(whole.subarray(from, places[index] ?? whole.length)));
        reader.end();
        const expected = parts.map((p) => (typeof p === "string" ? p : `\u0000${p.verb}=${p.value}\u0000`)).join("");
        expect(Buffer.concat(seen.map((item) => Buffer.from(item))).toString()).toBe(expected);
      }),
    );
  });
});
