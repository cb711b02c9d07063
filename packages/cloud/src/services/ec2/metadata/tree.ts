/** What metadata is made of: a text, or a folder of such by name. Undefined where there is nothing. */
export type Node = string | Folder | undefined;

export interface Folder {
  readonly [name: string]: Node;
}

/**
 * What the tree tells at a path: a text, or a folder's list of names, of which those that are folders end in a slash.
 * Undefined if there is nothing.
 */
export function readTree(root: Folder, path: string): string | undefined {
  let node: Node = root;
  for (const part of path.split("/").filter((one) => one !== "")) {
    if (typeof node !== "object" || !Object.hasOwn(node, part)) return undefined;
    node = node[part];
  }
  if (typeof node !== "object") return node;
  return Object.entries(node)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => (typeof value === "object" ? `${name}/` : name))
    .toSorted()
    .join("\n");
}
