/** Where control groups of ours could be made, one for each thing that they are needed for. */
export interface GroupFolders {
  /** Version 2: the group that we are in. */
  readonly unified?: string;
  /** Version 1: the groups that we are in, by controller. */
  readonly memory?: string;
  readonly cpu?: string;
}

/**
 * Finds the control groups that a process is in. The two versions may be used side by side.
 *
 * @param mounts - of `/proc/self/mountinfo`
 * @param memberships - of `/proc/self/cgroup`
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html
 */
export function groupFolders(mounts: string, memberships: string): GroupFolders {
  const hierarchies = mounts.split("\n").flatMap((line) => {
    const [place = "", system = ""] = line.split(" - ");
    const [, , , root = "/", mountPoint = ""] = place.split(" ");
    const [type = "", , options = ""] = system.split(" ");
    return type === "cgroup" || type === "cgroup2" ? [{ type, root, mountPoint, options: options.split(",") }] : [];
  });
  const own = memberships.split("\n").flatMap((line) => {
    const [, , controllers, path] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    return controllers === undefined || path === undefined ? [] : [{ controllers: controllers.split(","), path }];
  });
  const folder = (type: string, controller: string): string | undefined => {
    const hierarchy = hierarchies.find(
      (each) => each.type === type && (type === "cgroup2" || each.options.includes(controller)),
    );
    const path = own.find(({ controllers }) => controllers.includes(controller))?.path;
    return hierarchy === undefined || path === undefined
      ? undefined
      : `${hierarchy.mountPoint}${below(hierarchy.root, path)}`;
  };
  const found = { unified: folder("cgroup2", ""), memory: folder("cgroup", "memory"), cpu: folder("cgroup", "cpu") };
  return Object.fromEntries(Object.entries(found).filter(([, path]) => path !== undefined));
}

/** A group's path below what of the hierarchy is mounted: in a container that may be its own part only. */
function below(root: string, path: string): string {
  if (root !== "/" && path.startsWith(root)) return path.slice(root.length);
  return path === "/" || root !== "/" ? "" : path;
}
