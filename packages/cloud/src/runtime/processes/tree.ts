import type { SeenProcess } from "./process-table.ts";

/**
 * The processes of a tree: those whose mark says so, and whatever descends from them or shares their session although it
 * has cleared its environment. A session that a marked process is in was begun by the tree, since its root is started in
 * a session of its own.
 *
 * @param spared - never part of a tree: Trysail itself
 */
export function treeOf(
  processes: readonly SeenProcess[],
  isMarked: (mark: string) => boolean,
  spared: number,
): number[] {
  const marked = processes.filter(({ mark }) => mark !== undefined && isMarked(mark));
  const sparedPids = ancestorsOf(processes, spared);
  const sparedSessions = new Set(processes.filter(({ pid }) => sparedPids.has(pid)).map(({ session }) => session));
  const found = new Set(marked.map(({ pid }) => pid).filter((pid) => !sparedPids.has(pid)));
  const sessions = new Set(
    marked.map(({ session }) => session).filter((session) => session > 1 && !sparedSessions.has(session)),
  );
  for (let size = -1; size !== found.size;) {
    size = found.size;
    for (const { pid, parent, session } of processes) {
      if (pid > 1 && !sparedPids.has(pid) && (found.has(parent) || sessions.has(session))) found.add(pid);
    }
  }
  return [...found];
}

/** A process and those above it. */
function ancestorsOf(processes: readonly SeenProcess[], pid: number): Set<number> {
  const parents = new Map(processes.map((process) => [process.pid, process.parent]));
  const ancestors = new Set<number>();
  for (let at: number | undefined = pid; at !== undefined && at > 0 && !ancestors.has(at); at = parents.get(at))
    ancestors.add(at);
  return ancestors;
}
