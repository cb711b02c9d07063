import { codeOf } from "@trysail/core";

/** Sends a signal, to a whole group where the pid is negative. @returns false if there is no such process any more */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (codeOf(error) === "ESRCH") return false;
    throw error;
  }
}
