import { assert, integer, property, uint8Array } from "fast-check";
import { expect, test } from "vitest";
import { accessKeyId, accountOfAccessKeyId } from "./access-key-id.ts";

test("an access key's id tells its account, whatever else is in it", () => {
  assert(
    property(
      integer({ min: 0, max: 999_999_999_999 }),
      uint8Array({ minLength: 10, maxLength: 10 }),
      (number, random) => {
        const account = String(number).padStart(12, "0");
        const id = accessKeyId("AKIA", account, random);
        expect(id).toMatch(/^AKIA[Q-Z2-7][A-Z2-7]{15}$/);
        expect(accountOfAccessKeyId(id)).toBe(account);
      },
    ),
  );
});

test("the account is where AWS puts it, and other texts are no ids", () => {
  // A published example, whose account is known.
  expect(accountOfAccessKeyId("ASIAQNZGKIQY56JQ7WML")).toBe("029608264753");
  expect(accountOfAccessKeyId("test")).toBeUndefined();
  expect(accountOfAccessKeyId("AKIA1234")).toBeUndefined();
});
