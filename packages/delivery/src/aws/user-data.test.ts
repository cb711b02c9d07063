import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { userDataOf } from "./user-data.ts";

const encoded = (script: string) => Buffer.from(script).toString("base64");
const decoded = (data: string) => Buffer.from(data, "base64").toString();

describe("user data that is told its version", () => {
  it.each(["#!/bin/sh", "#!/bin/bash", "#!/bin/bash -xe", "#!/usr/bin/env bash", "#!/bin/dash"])(
    "has it in its environment from the first line on: %s",
    (shebang) => {
      const script = `${shebang}\nexec node server.mjs\n`;
      expect(decoded(userDataOf(encoded(script), { TRYSAIL_VERSION: "4f2a1c9" }))).toBe(
        `${shebang}\nexport TRYSAIL_VERSION='4f2a1c9'\nexec node server.mjs\n`,
      );
    },
  );

  it("reads any text as it is", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }).filter((text) => !text.includes("\0")),
        (text) => {
          const script = decoded(
            userDataOf(encoded('#!/bin/sh\nprintf %s "$TRYSAIL_VERSION"\n'), { TRYSAIL_VERSION: text }),
          );
          expect(execFileSync("/bin/sh", ["-c", script]).toString()).toBe(text);
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each([undefined, "", "#cloud-config\n", "#!/usr/bin/python3\nprint()\n", "echo\n#!/bin/sh\n"])(
    "is refused where it is no shell script: %j",
    (script) => {
      expect(() => userDataOf(script === undefined ? undefined : encoded(script), {})).toThrow("is no shell script");
    },
  );
});
