import { describe, expect, it } from "vitest";
import { oomKills } from "./control-groups.ts";
import { groupFolders } from "./group-folders.ts";
import { isPartOfOne } from "./trees.ts";

describe("control groups", () => {
  it("are found where version 2 has all", () => {
    const mounts = "31 24 0:27 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
    expect(groupFolders(mounts, "0::/user.slice/user@1000.service/app.slice/a.scope\n")).toEqual({
      unified: "/sys/fs/cgroup/user.slice/user@1000.service/app.slice/a.scope",
    });
    expect(groupFolders(mounts, "0::/\n")).toEqual({ unified: "/sys/fs/cgroup" });
  });

  it("are found where both versions are in use", () => {
    const mounts = [
      "31 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
      "34 30 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory",
      "40 30 0:37 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
      "22 1 254:0 / / rw - ext4 /dev/vda rw",
    ].join("\n");
    expect(groupFolders(mounts, "4:memory:/a/b\n2:cpu,cpuacct:/c\n0::/\n")).toEqual({
      unified: "/sys/fs/cgroup/unified",
      memory: "/sys/fs/cgroup/memory/a/b",
      cpu: "/sys/fs/cgroup/cpu,cpuacct/c",
    });
  });

  it("are found in a container, which sees its own part only", () => {
    const mounts = "34 30 0:31 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n";
    expect(groupFolders(mounts, "4:memory:/docker/abc/x\n")).toEqual({ memory: "/sys/fs/cgroup/memory/x" });
    expect(groupFolders(mounts, "4:memory:/docker/abc\n")).toEqual({ memory: "/sys/fs/cgroup/memory" });
    expect(groupFolders(mounts, "4:memory:/elsewhere\n")).toEqual({ memory: "/sys/fs/cgroup/memory" });
  });

  it("are not found where there are none", () => {
    expect(groupFolders("", "")).toEqual({});
  });

  it("tell how often memory ran out, in both versions' words", () => {
    expect(oomKills("low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n")).toBe(2);
    expect(oomKills("oom_kill_disable 0\nunder_oom 0\noom_kill 1\n")).toBe(1);
    expect(oomKills("")).toBe(0);
  });
});

describe("a tree", () => {
  it("has parts, which are named after it and a slash", () => {
    const trees = new Set(["workload/a"]);
    expect(isPartOfOne(trees, "workload/a")).toBe(true);
    expect(isPartOfOne(trees, "workload/a/execution")).toBe(true);
    expect(isPartOfOne(trees, "workload/ab")).toBe(false);
    expect(isPartOfOne(trees, "workload")).toBe(false);
  });
});
