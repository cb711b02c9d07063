import { join } from "node:path";
import { TrysailError } from "@trysail/core";

/**
 * Where a repository lies on disk. Each part of its path may hold letters, digits, `.`, `_` and `-`; a part that could
 * leave the folder, look like an option, or lie inside of another repository is refused. Paths that differ by case only
 * are the same repository, as on GitHub and on many file systems.
 *
 * @throws TrysailError `invalid-repository-path` (fault: user)
 */
export function repositoryFolder(root: string, path: string): string {
  const parts = path.split("/");
  const fits = (part: string) =>
    /^[\w.][\w.-]{0,99}$/.test(part) && !/^\.+$/.test(part) && !/\.(git|lock)$/i.test(part);
  if (!parts.every(fits)) {
    throw new TrysailError("invalid-repository-path", `"${path}" cannot be the name of a repository.`, {
      fault: "user",
      next: "Use letters, digits, dots, underscores and dashes; a name may not end in .git or .lock.",
    });
  }
  return join(root, `${parts.join("/").toLowerCase()}.git`);
}

/**
 * Whether git may be given this text as a revision: a branch, tag or commit id, and nothing that it would take for an
 * option or for several lines of input.
 */
export function isRevision(text: string): boolean {
  // Of `\s` and `\p{Cc}`: line breaks would be further input, control characters are in no name.
  return /^(?!-)[^\s\p{Cc}~^:?*[\\]+$/u.test(text) && !text.includes("..") && !text.includes("@{");
}
