import { closeSync, constants, openSync, readSync } from "node:fs";
import { Socket } from "node:net";
import { codeOf } from "@trysail/core";

/** What a shim writes when the program runs: its own process and the program's. */
export interface Started {
  readonly shim: number;
  readonly program: number;
}

export interface Life {
  /** Undefined if it ended without having said so. */
  readonly started: Promise<Started | undefined>;
  readonly ended: Promise<void>;
  /** Watches no longer; neither promise is settled any more. */
  release(): void;
}

/**
 * Watches a named pipe that a shim holds open for as long as it lives: its end of file is the shim's end, whoever started
 * that. Nothing has to be asked again and again, and no process id can be mistaken for another one.
 *
 * @returns undefined if no one holds the pipe open
 */
export function watchLife(file: string): Life | undefined {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
  const { text, isAlive } = drain(fd);
  if (!isAlive) {
    closeSync(fd);
    return undefined;
  }
  let seen = text;
  const socket = new Socket({ fd, readable: true, writable: false });
  socket.on("error", () => {});
  socket.unref();
  const started = new Promise<Started | undefined>((resolve) => {
    const look = () => {
      const line = parseStarted(seen);
      if (line !== undefined) resolve(line);
    };
    look();
    socket.on("data", (chunk: Buffer) => {
      seen += chunk.toString("latin1");
      look();
    });
    socket.once("close", () => resolve(undefined));
  });
  const ended = new Promise<void>((resolve) => socket.once("close", resolve));
  return {
    started,
    ended,
    release() {
      socket.removeAllListeners("close");
      socket.destroy();
    },
  };
}

/** Reads what is there. A pipe with no writer is at its end; one with a writer is merely empty. */
function drain(fd: number): { readonly text: string; readonly isAlive: boolean } {
  const buffer = Buffer.alloc(64);
  for (let text = ""; ;) {
    try {
      const size = readSync(fd, buffer);
      if (size === 0) return { text, isAlive: false };
      text += buffer.toString("latin1", 0, size);
    } catch (error) {
      if (codeOf(error) === "EAGAIN") return { text, isAlive: true };
      throw error;
    }
  }
}

/** Reads `SHIM PROGRAM\n`. */
export function parseStarted(text: string): Started | undefined {
  const [, shim, program] = /^(\d+) (\d+)\n/.exec(text) ?? [];
  return shim === undefined || program === undefined ? undefined : { shim: Number(shim), program: Number(program) };
}
