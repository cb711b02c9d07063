import { execFile } from "node:child_process";
import { readFile, readdir, readlink } from "node:fs/promises";
import { promisify } from "node:util";

/** A process that listens on a port. */
export interface PortOwner {
  readonly pid: number;
  /** The program's name. */
  readonly name: string;
}

/** The inodes of sockets that listen on the port, in the text of /proc/net/tcp or tcp6. */
export function listeningInodes(table: string, port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  return table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = "", , state]) => local.endsWith(`:${wanted}`) && state === "0A")
    .flatMap(([, , , , , , , , , inode]) => (inode === undefined ? [] : [inode]));
}

/** Who listens on a port, as far as this user may know. */
export async function portOwner(port: number): Promise<PortOwner | undefined> {
  return process.platform === "linux" ? linuxPortOwner(port) : lsofPortOwner(port);
}

async function linuxPortOwner(port: number): Promise<PortOwner | undefined> {
  const tables = await Promise.all(
    ["/proc/net/tcp", "/proc/net/tcp6"].map((file) => readFile(file, "utf8").catch(() => "")),
  );
  const sockets = new Set(tables.flatMap((table) => listeningInodes(table, port)).map((inode) => `socket:[${inode}]`));
  if (sockets.size === 0) return undefined;
  for (const pid of (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry))) {
    // Processes of others, and those that have just ended, cannot be looked into.
    const handles = await readdir(`/proc/${pid}/fd`).catch(() => []);
    const links = await Promise.all(handles.map((handle) => readlink(`/proc/${pid}/fd/${handle}`).catch(() => "")));
    if (!links.some((link) => sockets.has(link))) continue;
    const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
    return { pid: Number(pid), name: name.trim() };
  }
  return undefined;
}

async function lsofPortOwner(port: number): Promise<PortOwner | undefined> {
  try {
    const { stdout } = await promisify(execFile)("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"]);
    const pid = /^p(\d+)$/m.exec(stdout)?.[1];
    return pid === undefined ? undefined : { pid: Number(pid), name: /^c(.*)$/m.exec(stdout)?.[1] ?? "" };
  } catch {
    return undefined;
  }
}
