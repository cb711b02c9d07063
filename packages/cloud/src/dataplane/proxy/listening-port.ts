import { createServer } from "node:net";
import type { Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { TLSSocket } from "node:tls";
import type { ListenerConfig } from "../data-plane.ts";
import { loadCertificates } from "./certificates.ts";
import type { Arrival } from "./forwarded-head.ts";
import { http2Front } from "./http2-front.ts";
import { acceptPlain } from "./plain-wire.ts";
import { tlsWire } from "./tls-wire.ts";
import type { Wire } from "./wire.ts";

type Certificates = NonNullable<ListenerConfig["certificates"]>;
type Accept = (wire: Wire, how: Pick<Arrival, "protocol" | "tls">) => void;

/** What accepts a listener's clients. */
export interface ListeningPort {
  readonly server: Server;
  useCertificates?(certificates: Certificates): void;
  /** Accepts no more. */
  close(): void;
}

export function plainPort(accept: Accept): ListeningPort {
  const server = createServer();
  server.once("listening", () => acceptPlain(server, (wire) => accept(wire, { protocol: "http" })));
  return { server, close: () => void server.close() };
}

export function tlsPort(
  certificates: Certificates,
  { accept, speaksHttp2 }: { readonly accept: Accept; readonly speaksHttp2: () => boolean },
): ListeningPort {
  let chosen = loadCertificates(certificates);
  const defaultOf = ([first]: Certificates) => ({ cert: first?.certificate, key: first?.privateKey });
  const server = createTlsServer({
    ...defaultOf(certificates),
    SNICallback: (serverName, done) => done(null, chosen.choose(serverName)),
    ALPNCallback: ({ protocols }) =>
      ["h2", "http/1.1"].find((one) => protocols.includes(one) && (one !== "h2" || speaksHttp2())),
  });
  const front = http2Front((wire, socket) => accept(wire, over(socket)));
  server.on("secureConnection", (socket) => {
    if (socket.alpnProtocol === "h2") front.serve(socket);
    else accept(tlsWire(socket), over(socket));
  });
  // A client that has given up, or speaks something else.
  server.on("tlsClientError", () => {});
  return {
    server,
    useCertificates(next) {
      chosen = loadCertificates(next);
      server.setSecureContext(defaultOf(next));
    },
    close() {
      server.close();
      front.close();
    },
  };
}

function over(socket: TLSSocket): Pick<Arrival, "protocol" | "tls"> {
  return {
    protocol: "https",
    tls: { version: socket.getProtocol() ?? "", cipherSuite: socket.getCipher().standardName },
  };
}
