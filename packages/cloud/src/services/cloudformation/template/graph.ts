/** What depends on what: each name with those that must be there before it. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** The names that depend on themselves by some way, in the order of the graph; none if there is no circle. */
export function circle(graph: Graph): readonly string[] {
  // What can be taken away one after the other, from either end, is in no circle; the rest is in one or between two.
  let left = [...graph.keys()];
  for (;;) {
    const here = new Set(left);
    const wanted = new Set(left.flatMap((name) => [...(graph.get(name) ?? [])]));
    const kept = left.filter(
      (name) => wanted.has(name) && [...(graph.get(name) ?? [])].some((other) => here.has(other)),
    );
    if (kept.length === left.length) return left;
    left = kept;
  }
}

/** The names so that each comes after all that it depends on, otherwise in the graph's own order. The graph has no circle. */
export function inOrder(graph: Graph): readonly string[] {
  const done = new Set<string>();
  const visit = (name: string): void => {
    if (done.has(name) || !graph.has(name)) return;
    for (const other of graph.get(name) ?? []) visit(other);
    done.add(name);
  };
  for (const name of graph.keys()) visit(name);
  return [...done];
}
