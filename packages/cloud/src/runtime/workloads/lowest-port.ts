import { readFileSync } from "node:fs";

/** The lowest port that programs of ours may listen on. */
export function lowestPort(): number {
  if (process.platform !== "linux") return process.getuid?.() === 0 ? 1 : 1024;
  return lowestPortFrom({
    isRoot: process.getuid?.() === 0,
    status: textOf("/proc/self/status"),
    setting: textOf("/proc/sys/net/ipv4/ip_unprivileged_port_start"),
  });
}

/** CAP_NET_BIND_SERVICE. */
const bindsAnyPort = 1n << 10n;

/**
 * @param seen.status - of `/proc/self/status`. A capability that root lacks, as in some containers, counts; one that Node
 *   alone was given does not, since it is not handed on.
 * @param seen.setting - of `net.ipv4.ip_unprivileged_port_start`
 */
export function lowestPortFrom(seen: {
  readonly isRoot: boolean;
  readonly status: string;
  readonly setting: string;
}): number {
  const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(seen.status)?.[1];
  if (seen.isRoot && capabilities !== undefined && (BigInt(`0x${capabilities}`) & bindsAnyPort) !== 0n) return 1;
  const start = Number.parseInt(seen.setting, 10);
  return Number.isNaN(start) ? 1024 : Math.max(1, start);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
