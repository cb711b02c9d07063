import type { Commit, FileDifference, TreeEntry } from "../git-repositories.ts";

/** Reads a commit object as `git cat-file` prints it. @see https://git-scm.com/docs/git-cat-file */
export function parseCommit(id: string, text: string): Commit {
  const end = text.indexOf("\n\n");
  const head = end < 0 ? text : text.slice(0, end);
  const fields = head.split("\n").flatMap((line): [string, string][] => {
    const space = line.indexOf(" ");
    // A line that begins with a space goes on with the one before, as signatures do.
    return space <= 0 ? [] : [[line.slice(0, space), line.slice(space + 1)]];
  });
  const first = (name: string) => fields.find(([field]) => field === name)?.[1] ?? "";
  return {
    id,
    tree: first("tree"),
    parents: fields.filter(([field]) => field === "parent").map(([, value]) => value),
    author: parsePerson(first("author")),
    committer: parsePerson(first("committer")),
    message: end < 0 ? "" : text.slice(end + 2),
  };
}

function parsePerson(text: string): Commit["author"] {
  const match = /^(?<name>.*?) ?<(?<email>[^>]*)> (?<seconds>\d+) (?<zone>[+-]\d{4})$/.exec(text);
  if (match?.groups === undefined) return { name: text, email: "", date: "1970-01-01T00:00:00+00:00" };
  const { name = "", email = "", seconds = "0", zone = "+0000" } = match.groups;
  return { name, email, date: isoDate(Number(seconds), zone) };
}

/** ISO 8601 in the author's own zone. @param zone - as git writes it: `+0200` */
export function isoDate(seconds: number, zone: string): string {
  const offsetMinutes = (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5))) * (zone.startsWith("-") ? -1 : 1);
  const local = new Date((seconds + offsetMinutes * 60) * 1000).toISOString().slice(0, 19);
  return `${local}${zone.slice(0, 3)}:${zone.slice(3)}`;
}

/** The reverse of {@link isoDate}: git's own form, `1700000000 +0200`. */
export function gitDate(iso: string): string {
  const zone = /(?:Z|(?<hours>[+-]\d{2}):(?<minutes>\d{2}))$/.exec(iso)?.groups;
  const offset = zone?.hours === undefined ? "+0000" : `${zone.hours}${zone.minutes}`;
  return `${Math.floor(Date.parse(iso) / 1000)} ${offset}`;
}

/** Reads `git ls-tree -z -l`. */
export function parseTree(text: string): TreeEntry[] {
  return text.split("\0").flatMap((line): TreeEntry[] => {
    const match = /^(?<mode>\d{6}) (?<type>\w+) (?<id>[0-9a-f]{40,64}) +(?<size>\d+|-)\t(?<path>.*)$/s.exec(line);
    if (match?.groups === undefined) return [];
    const { mode = "", type = "", id = "", size = "-", path = "" } = match.groups;
    return [{ mode, type: typeOf(type), id, path, ...(size === "-" ? {} : { sizeBytes: Number(size) }) }];
  });
}

function typeOf(text: string): TreeEntry["type"] {
  switch (text) {
    case "blob":
    case "tree":
    case "commit":
      return text;
    default:
      throw new TypeError(`git ls-tree tells of an object of the type ${text}`);
  }
}

/** Reads `git diff-tree -r -z --raw --no-renames`. */
export function parseRawDiff(text: string): FileDifference[] {
  const parts = text.split("\0");
  const differences: FileDifference[] = [];
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const match = /^:(?<oldMode>\d{6}) (?<newMode>\d{6}) (?<oldId>[0-9a-f]+) (?<newId>[0-9a-f]+) /.exec(
      parts[index] ?? "",
    );
    const path = parts[index + 1];
    if (match?.groups === undefined || path === undefined) continue;
    const { oldMode = "", newMode = "", oldId = "", newId = "" } = match.groups;
    differences.push({
      path,
      ...(/^0+$/.test(oldId) ? {} : { before: { mode: oldMode, id: oldId } }),
      ...(/^0+$/.test(newId) ? {} : { after: { mode: newMode, id: newId } }),
    });
  }
  return differences;
}
