import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";

/** Lets containers reach a port of this machine's loopback. */
export interface Relay {
  close(): Promise<void>;
}

/**
 * Passes connections to `from` on to `to`. It listens on that one address only: the containers' gateway, which is on no
 * network but theirs.
 *
 * @throws the system's error, such as `EADDRNOTAVAIL` where the gateway is not an address of this machine
 */
export async function openRelay(
  from: { readonly host: string; readonly port: number },
  to: { readonly host: string; readonly port: number },
): Promise<Relay> {
  const open = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (caller) => {
    const target = connect({ ...to, allowHalfOpen: true });
    for (const [socket, other] of [
      [caller, target],
      [target, caller],
    ] as const) {
      open.add(socket);
      socket.on("error", () => other.destroy());
      socket.once("close", () => {
        open.delete(socket);
        other.destroySoon();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(from.port, from.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  server.unref();
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
