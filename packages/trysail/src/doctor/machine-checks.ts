import type { Check } from "./checks.ts";

/** Says whether the memory and CPU of an instance type or task are applied. */
export function limitsCheck(
  { limitsMemory, limitsCpu }: { readonly limitsMemory: boolean; readonly limitsCpu: boolean },
  platform: NodeJS.Platform,
): Check {
  const name = "Limits";
  if (limitsMemory && limitsCpu) {
    return { name, status: "ok", found: "the memory and CPU of instances, tasks and functions are applied" };
  }
  const found =
    limitsMemory || limitsCpu
      ? `of instances, tasks and functions, the ${limitsMemory ? "memory is applied, the CPU" : "CPU is applied, the memory"} is not`
      : "the memory and CPU of instances, tasks and functions are not applied";
  if (platform !== "linux") return { name, status: "ok", found: `${found}: this system cannot` };
  return {
    name,
    status: "limited",
    found,
    advice:
      "The control groups here cannot be written. Start Trysail in one of its own: systemd-run --user --scope -p Delegate=yes trysail up",
  };
}

/** Says how processes that a program has left behind are found. */
export function treesCheck({ endsTrees }: { readonly endsTrees: boolean }): Check {
  return {
    name: "Process trees",
    status: "ok",
    found: endsTrees ? "kept together by control groups" : "found by a mark in their environment",
  };
}

/** Says which ports instances, tasks and load balancers are reached at. */
export function portsCheck(lowestPort: number): Check {
  const name = "Low ports";
  if (lowestPort <= 80) return { name, status: "ok", found: "80 and 443 can be listened on" };
  return {
    name,
    status: "limited",
    found: `those below ${lowestPort} cannot be listened on`,
    advice:
      "Load balancers listen on 10080 in place of 80, and on 10443 in place of 443. On Linux this allows both: sudo sysctl net.ipv4.ip_unprivileged_port_start=80",
  };
}
