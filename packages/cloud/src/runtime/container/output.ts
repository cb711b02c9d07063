import { open } from "node:fs/promises";
import type { Engine } from "./engine.ts";

/**
 * Appends what a container has written and writes to a file, until it ends or the signal is given. The engine keeps all
 * of it in order, so the file's length beyond where it starts tells what is there already: nothing is lost or doubled, whenever the copying was
 * interrupted.
 */
export async function followOutput(
  engine: Engine,
  containerId: string,
  { file, startsAt }: { readonly file: string; readonly startsAt: number },
  signal: AbortSignal,
): Promise<void> {
  const stream = await engine
    .getContainer(containerId)
    .logs({ follow: true, stdout: true, stderr: true, abortSignal: signal });
  const handle = await open(file, "a", 0o600);
  try {
    let known = Math.max(0, (await handle.stat()).size - startsAt);
    for await (const chunk of withoutHeaders(stream as AsyncIterable<Buffer>)) {
      const fresh = chunk.subarray(Math.min(known, chunk.length));
      known -= chunk.length - fresh.length;
      if (fresh.length > 0) await handle.appendFile(fresh);
    }
  } finally {
    await handle.close();
  }
}

const headerBytes = 8;

/**
 * What both streams hold, of the engine's frames: a header of 8 bytes, whose last four are the length of what follows.
 *
 * @see https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach
 */
export async function* withoutHeaders(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let header = Buffer.alloc(0);
  let left = 0;
  for await (const chunk of stream) {
    for (let rest = chunk; rest.length > 0;) {
      if (left > 0) {
        const payload = rest.subarray(0, left);
        left -= payload.length;
        rest = rest.subarray(payload.length);
        yield payload;
        continue;
      }
      const missing = headerBytes - header.length;
      header = Buffer.concat([header, rest.subarray(0, missing)]);
      rest = rest.subarray(missing);
      if (header.length < headerBytes) continue;
      left = header.readUInt32BE(4);
      header = Buffer.alloc(0);
    }
  }
}
