import type { Doors } from "./doors.ts";
import { listen } from "./listener.ts";
import type { AnyRequest, AnyResponse, Listener } from "./listener.ts";

/** Doors that hand what comes in to `handle`, with their id. */
export function openDoors(handle: (door: string) => (request: AnyRequest, response: AnyResponse) => void): Doors & {
  closeAll(): Promise<void>;
} {
  const open = new Map<string, Promise<Listener>>();
  const close = async (id: string) => {
    const listener = open.get(id);
    open.delete(id);
    await (await listener)?.close();
  };
  return {
    async open(id, { host, port }) {
      let opening = open.get(id);
      if (opening === undefined) {
        opening = listen(host, port, handle(id));
        open.set(id, opening);
        // One that could not be opened is not open.
        opening.catch(() => open.delete(id));
      }
      return { port: (await opening).port };
    },
    close,
    async closeAll() {
      await Promise.all([...open.keys()].map(close));
    },
  };
}
