import { open, rename } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { jsonLog } from "@trysail/core";
import type { Clock, Log } from "@trysail/core";

/** Beyond this the file is kept as `trysail.log.1`, in place of the one before, and a new one is begun. */
const largestFileBytes = 16 * 1024 * 1024;

/** Lines are written together, this long after the first of them. */
const gatherMs = 50;

export function ownLogFile(data: string): string {
  return join(data, "trysail.log");
}

export interface OwnLog {
  readonly log: Log;
  /** Writes what is still to be written. */
  close(): Promise<void>;
}

/** Trysail's own log, in its data folder. A disk that refuses a line does not stop Trysail: the line is lost. */
export async function openOwnLog(data: string, clock: Clock): Promise<OwnLog> {
  const path = ownLogFile(data);
  const openFile = () => open(path, "a", 0o600);
  let file: FileHandle = await openFile();
  let sizeBytes = (await file.stat()).size;
  let gathered = "";
  let written = Promise.resolve();

  const writeGathered = async () => {
    const text = gathered;
    gathered = "";
    if (sizeBytes > largestFileBytes) {
      await file.close();
      await rename(path, `${path}.1`);
      file = await openFile();
      sizeBytes = 0;
    }
    sizeBytes += Buffer.byteLength(text);
    await file.appendFile(text);
  };
  const flush = () => (written = written.then(writeGathered).catch(() => {}));

  return {
    log: jsonLog((line) => {
      if (gathered === "") clock.setTimer(clock.now() + gatherMs, () => void flush());
      gathered += line;
    }, clock.now),
    async close() {
      await flush();
      await file.close();
    },
  };
}
