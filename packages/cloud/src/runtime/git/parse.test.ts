import { assert, constantFrom, integer, property, string, tuple } from "fast-check";
import { describe, expect, test } from "vitest";
import { gitDate, isoDate, parseCommit, parseRawDiff, parseTree } from "./parse.ts";
import { isRevision, repositoryFolder } from "./repository-path.ts";
import { fetchSource, withoutCredentials } from "./source.ts";

const [a, b] = ["a".repeat(40), "b".repeat(40)];

describe("what git prints", () => {
  test("a commit with two parents and a signature is read with its people and its whole message", () => {
    const text = `tree ${a}\nparent ${a}\nparent ${b}\nauthor Ann O <ann@x.io> 1700000000 +0230\ncommitter Bo <bo@x.io> 1700000001 -0100\ngpgsig -----BEGIN\n author Eve <e@x> 1 +0000\n\nsubject\n\nbody\n`;
    expect(parseCommit(b, text)).toEqual({
      id: b,
      tree: a,
      parents: [a, b],
      author: { name: "Ann O", email: "ann@x.io", date: "2023-11-15T00:43:20+02:30" },
      committer: { name: "Bo", email: "bo@x.io", date: "2023-11-14T21:13:21-01:00" },
      message: "subject\n\nbody\n",
    });
  });

  test("a date keeps its instant and its zone both ways", () => {
    const zone = tuple(constantFrom("+", "-"), integer({ min: 0, max: 13 }), constantFrom("00", "30", "45"));
    assert(
      property(integer({ min: 0, max: 4e9 }), zone, (seconds, [sign, hours, minutes]) => {
        const text = `${sign}${String(hours).padStart(2, "0")}${minutes}`;
        expect(gitDate(isoDate(seconds, text))).toBe(`${seconds} ${text}`);
      }),
    );
  });

  test("a tree lists blobs with their size and keeps odd names", () => {
    expect(parseTree(`100644 blob ${a}       7\ta b\t"c.txt\u0000040000 tree ${b}       -\tsub\0`)).toEqual([
      { mode: "100644", type: "blob", id: a, path: 'a b\t"c.txt', sizeBytes: 7 },
      { mode: "040000", type: "tree", id: b, path: "sub" },
    ]);
  });

  test("a difference lacks the side on which the file is not there", () => {
    const zero = "0".repeat(40);
    expect(
      parseRawDiff(
        [
          `:000000 100644 ${zero} ${a} A`,
          "new",
          `:100644 000000 ${b} ${zero} D`,
          "old",
          `:100644 100755 ${a} ${a} M`,
          "run",
          "",
        ].join("\0"),
      ),
    ).toEqual([
      { path: "new", after: { mode: "100644", id: a } },
      { path: "old", before: { mode: "100644", id: b } },
      { path: "run", before: { mode: "100644", id: a }, after: { mode: "100755", id: a } },
    ]);
  });
});

describe("what git is given", () => {
  test.each(["../x", "a/../b", "a//b", "/a", "a/", "-a/b", "a/.git", "a.git/b", "a/b.lock", "a/b c", "a/b\n", ".", ""])(
    "%j is no repository path",
    (path) => {
      expect(() => repositoryFolder("/root", path)).toThrow(
        expect.objectContaining({ code: "invalid-repository-path", fault: "user" }),
      );
    },
  );

  test("a repository path never leaves the folder", () => {
    assert(
      property(string(), (path) => {
        let folder: string;
        try {
          folder = repositoryFolder("/root/repositories", path);
        } catch {
          return;
        }
        expect(folder).toBe(`/root/repositories/${path.toLowerCase()}.git`);
        expect(path.split("/").some((part) => part === ".." || part === "." || part === "")).toBe(false);
      }),
    );
  });

  test.each(["main", "feature/x", "v1.0", "1234abc"])("%j may be a revision", (text) =>
    expect(isRevision(text)).toBe(true),
  );
  test.each(["-x", "a b", "a\nb", "HEAD^", "a..b", "@{u}", "a:b", ""])("%j may not", (text) =>
    expect(isRevision(text)).toBe(false),
  );

  test("a token, or the credentials of a URL, reach git by its environment only", () => {
    const given = fetchSource({ url: "https://github.com/o/r.git", token: "s3cret" });
    expect(given.environment).toEqual({ TRYSAIL_GIT_USERNAME: "x-access-token", TRYSAIL_GIT_PASSWORD: "s3cret" });
    expect(JSON.stringify([given.location, given.options])).not.toContain("s3cret");
    const inUrl = fetchSource({ url: "https://ann:s3cret@git.example.com/r" });
    expect(inUrl.environment).toEqual({ TRYSAIL_GIT_USERNAME: "ann", TRYSAIL_GIT_PASSWORD: "s3cret" });
    expect(JSON.stringify([inUrl.location, inUrl.options])).not.toMatch(/s3cret|ann/);
    expect(withoutCredentials("fatal: https://ann:s3cret@h/x")).toBe("fatal: https://h/x");
  });

  test.each(["ssh://git@h/x", "git@github.com:o/r.git", "ext::sh -c id", "relative/folder"])(
    "%j is not fetched",
    (url) => {
      expect(() => fetchSource({ url })).toThrow(
        expect.objectContaining({ code: "repository-unreachable", fault: "user" }),
      );
    },
  );
});
