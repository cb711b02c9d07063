import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument } from "yaml";
import type { Document, Node } from "yaml";

/** A mistake in a buildspec. The message names the place, as CodeBuild's `YAML_FILE_ERROR` does. */
export class BuildspecError extends Error {
  override readonly name = "BuildspecError";
}

/** A value of a YAML document that knows where it stands. */
export interface Place {
  readonly node: Node | null;
  /** Its path, as a reader would say it: `phases/build/commands`. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** The line of the key that it belongs to. */
  readonly keyLine: number;
}

/** Reads a YAML document and looks into it, place by place. */
export function openYaml(text: string) {
  const lines = new LineCounter();
  const document: Document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    merge: true,
  });
  const lineAt = (offset: number | undefined) => lines.linePos(offset ?? 0).line;
  const [mistake] = document.errors;
  if (mistake !== undefined) throw new BuildspecError(`${mistake.message} at line ${lineAt(mistake.pos[0])}`);

  const resolve = (node: unknown): Node | null => {
    const found = isAlias(node) ? node.resolve(document) : node;
    return (found ?? null) as Node | null;
  };
  const isNothing = ({ node }: Place) => node === null || (isScalar(node) && node.value === null);

  const root: Place = { node: resolve(document.contents), path: "", line: 1, keyLine: 1 };

  /** The members of a mapping, by key. */
  const members = (place: Place): ReadonlyMap<string, Place> => {
    if (!isMap(place.node)) throw new BuildspecError(`Expected ${nameOf(place)} to be a mapping at line ${place.line}`);
    const found = new Map<string, Place>();
    const add = (map: Node | null, overrides: boolean) => {
      if (!isMap(map)) return;
      for (const { key, value } of map.items) {
        const name = isScalar(key) ? String(key.value) : String(key);
        const keyLine = lineAt((key as Node | null)?.range?.[0]);
        const node = resolve(value);
        if (name === "<<") {
          for (const merged of isSeq(node) ? node.items : [node]) add(resolve(merged), false);
        } else if (overrides || !found.has(name)) {
          const path = place.path === "" ? name : `${place.path}/${name}`;
          found.set(name, { node, path, keyLine, line: node?.range ? lineAt(node.range[0]) : keyLine });
        }
      }
    };
    add(place.node, true);
    return found;
  };

  /** A scalar as it is written: `0.10` stays `0.10`. */
  const text_ = (place: Place, label = nameOf(place)): string => {
    if (!isScalar(place.node) || place.node.value === null) {
      const found = isMap(place.node)
        ? "found subkeys instead"
        : isSeq(place.node)
          ? "found a list instead"
          : "found nothing";
      throw new BuildspecError(
        `Expected ${label} to be of string type: ${found} at line ${place.line}, value of the key tag on line ${place.keyLine} might be empty`,
      );
    }
    const { value, source } = place.node;
    if (typeof value === "string") return value;
    return source ?? JSON.stringify(value);
  };

  /** A list of scalars; one scalar alone is a list of one. */
  const texts = (place: Place): string[] => {
    if (!isSeq(place.node)) return [text_(place)];
    const name = place.path.split("/").at(-1) ?? "";
    const label = `${(name[0] ?? "").toUpperCase()}${name.slice(1)}`;
    return place.node.items.map((item, index) => {
      const node = resolve(item);
      return text_(
        { node, path: place.path, line: lineAt(node?.range?.[0]), keyLine: place.keyLine },
        `${label}[${index}]`,
      );
    });
  };

  return { root, isNothing, members, text: text_, texts };
}

export type Yaml = ReturnType<typeof openYaml>;

function nameOf({ path }: Place): string {
  return path === "" ? "the buildspec" : path;
}
