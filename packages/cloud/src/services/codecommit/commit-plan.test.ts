import { array, assert, constantFrom, property, record } from "fast-check";
import { describe, expect, test } from "vitest";
import { planCommit } from "./commit-plan.ts";
import type { CommitRequest, PutFile } from "./commit-plan.ts";

const files = new Map([
  ["a.txt", { mode: "100644", id: "1" }],
  ["dir/b.sh", { mode: "100755", id: "2" }],
]);
const put = (path: string, more: Partial<PutFile> = {}): PutFile => ({
  path,
  mode: undefined,
  content: Buffer.from("x"),
  source: undefined,
  ...more,
});
const plan = (request: Partial<CommitRequest>) =>
  planCommit(files, { put: [], delete: [], modes: [], keepEmptyFolders: false, ...request });

describe("a commit", () => {
  test("that edits a file keeps its mode, and a new file is a normal one", () => {
    const { changes, added, updated } = plan({ put: [put("dir/b.sh"), put("c.txt")] });
    expect(changes).toMatchObject([
      { kind: "put", path: "dir/b.sh", mode: "100755" },
      { kind: "put", path: "c.txt", mode: "100644" },
    ]);
    expect({ added, updated }).toEqual({ added: ["c.txt"], updated: ["dir/b.sh"] });
  });

  test("that moves a file takes its content and mode along", () => {
    const moving = put("z.sh", { content: undefined, source: { path: "dir/b.sh", isMove: true } });
    expect(plan({ put: [moving] })).toEqual({
      changes: [
        { kind: "delete", path: "dir/b.sh" },
        { kind: "set", path: "z.sh", mode: "100755", blobId: "2" },
      ],
      added: ["z.sh"],
      updated: [],
      deleted: ["dir/b.sh"],
    });
  });

  test("that empties a folder keeps it if it is asked to", () => {
    expect(plan({ delete: ["dir/b.sh"], keepEmptyFolders: true }).added).toEqual(["dir/.gitkeep"]);
    expect(plan({ delete: ["dir/b.sh"] }).added).toEqual([]);
  });

  test("may put a file where the last file of a folder was", () => {
    expect(plan({ delete: ["dir/b.sh"], put: [put("dir")] }).added).toEqual(["dir"]);
  });

  test.each<[Partial<CommitRequest>, string]>([
    [{}, "FileEntryRequiredException"],
    [{ put: Array.from({ length: 101 }, (_, index) => put(`f${index}`)) }, "MaximumFileEntriesExceededException"],
    [{ put: [put("c")], delete: ["c"] }, "SamePathRequestException"],
    [{ delete: ["absent"] }, "FileDoesNotExistException"],
    [{ modes: [{ path: "absent", mode: "NORMAL" }] }, "FileDoesNotExistException"],
    [{ put: [put("c", { source: { path: "a.txt", isMove: false } })] }, "FileContentAndSourceFileSpecifiedException"],
    [{ put: [put("c", { content: undefined })] }, "FileContentRequiredException"],
    [{ put: [put("c", { content: Buffer.alloc(6 * 1024 * 1024 + 1) })] }, "FileContentSizeLimitExceededException"],
    [{ put: [put("a.txt/c")] }, "DirectoryNameConflictsWithFileNameException"],
    [{ put: [put("dir")] }, "FileNameConflictsWithDirectoryNameException"],
  ])("%j is refused: %s", (request, code) => expect(() => plan(request)).toThrow(expect.objectContaining({ code })));

  test("never leaves a file where a folder is, whatever is put and deleted", () => {
    const path = constantFrom("a.txt", "a.txt/x", "dir", "dir/b.sh", "dir/b.sh/y", "new", "new/z");
    assert(
      property(
        record({
          puts: array(path, { maxLength: 3 }),
          deletes: array(constantFrom("a.txt", "dir/b.sh"), { maxLength: 2 }),
        }),
        ({ puts, deletes }) => {
          let changes;
          try {
            ({ changes } = plan({ put: puts.map((one) => put(one)), delete: deletes }));
          } catch {
            return;
          }
          const after = new Set(files.keys());
          for (const change of changes) {
            if (change.kind === "delete") after.delete(change.path);
            else after.add(change.path);
          }
          for (const one of after) expect([...after].some((other) => other.startsWith(`${one}/`))).toBe(false);
        },
      ),
    );
  });
});
