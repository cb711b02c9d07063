import { createServer as createHttp1Server } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { TrysailError, codeOf } from "@trysail/core";

export type AnyRequest = IncomingMessage | Http2ServerRequest;
export type AnyResponse = ServerResponse | Http2ServerResponse;

export interface Listener {
  readonly port: number;
  /** Takes no new connections, and ends those there are. */
  close(): Promise<void>;
}

/** How an HTTP/2 connection without TLS begins (prior knowledge). @see https://www.rfc-editor.org/rfc/rfc9113#section-3.4 */
const http2Preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** A connection that sends nothing at all is closed after this time. */
const silentConnectionMs = 60_000;

/**
 * One port for HTTP/1.1 and HTTP/2: the first bytes of a connection tell which.
 *
 * @param port - 0 takes a free one
 * @throws TrysailError `port-in-use` (fault: user)
 */
export async function listen(
  host: string,
  port: number,
  handle: (request: AnyRequest, response: AnyResponse) => void,
): Promise<Listener> {
  const http1 = createHttp1Server({ keepAliveTimeout: 65_000, requestTimeout: 0, headersTimeout: 60_000 }, handle);
  const http2 = createHttp2Server({}, handle);
  const sockets = new Set<Socket>();

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // A client that goes away in the middle is its own matter; the request's own stream tells its handler.
    socket.on("error", () => socket.destroy());
    socket.setNoDelay(true);
    socket.setTimeout(silentConnectionMs, () => socket.destroy());
    socket.once("readable", () => {
      const first = socket.read() as Buffer | null;
      socket.setTimeout(0);
      if (first === null) return;
      socket.unshift(first);
      const isHttp2 =
        first.subarray(0, http2Preface.length).equals(http2Preface.subarray(0, first.length)) &&
        first[0] === http2Preface[0];
      (isHttp2 && first.length >= 3 ? http2 : http1).emit("connection", socket);
    });
  });

  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      const inUse = codeOf(error) === "EADDRINUSE";
      reject(
        inUse
          ? new TrysailError("port-in-use", `Port ${port} of ${host} is taken.`, {
              fault: "user",
              next: "Choose another with --port, or stop what has it.",
              cause: error,
              exitCode: 4,
            })
          : new TrysailError("cannot-listen", `Trysail cannot listen on ${host}:${port}: ${error.message}`, {
              fault: "user",
              next: "Give an address of this machine.",
              cause: error,
            }),
      );
    });
    server.listen(port, host, resolve);
  });

  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
