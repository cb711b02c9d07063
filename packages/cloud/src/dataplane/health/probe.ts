import { connect } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { matchesStatus } from "./matcher.ts";
import type { Finding } from "./health-state.ts";

export interface Probe {
  readonly protocol: "HTTP" | "HTTPS";
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly timeoutMs: number;
  readonly matcher: string;
}

/** A status line is never longer. */
const enoughBytes = 64;

/**
 * Asks a target once how it is, over a connection of the check's own.
 *
 * @returns the way to call it off
 */
export function probe(asked: Probe, found: (finding: Finding) => void): () => void {
  const { host, port } = asked;
  const socket: Socket =
    asked.protocol === "HTTPS" ? connectTls({ host, port, rejectUnauthorized: false }) : connect({ host, port });
  let isOver = false;
  let text = "";
  const end = (finding: Finding) => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    socket.destroy();
    found(finding);
  };
  const timer = setTimeout(() => end({ kind: "timeout" }), asked.timeoutMs);
  socket.on("error", () => end({ kind: "failed" }));
  socket.on("close", () => end({ kind: "failed" }));
  socket.on("data", (piece: Buffer) => {
    text += piece.toString("latin1", 0, enoughBytes);
    const status = /^HTTP\/1\.[01] (\d{3})[ \r]/.exec(text);
    if (status === null) return text.length < enoughBytes ? undefined : end({ kind: "failed" });
    const code = Number(status[1]);
    end(matchesStatus(asked.matcher, code) ? { kind: "healthy" } : { kind: "mismatch", status: code });
  });
  socket.write(
    `GET ${asked.path} HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: close\r\nUser-Agent: ELB-HealthChecker/2.0\r\nAccept-Encoding: gzip, compressed\r\n\r\n`,
  );
  return () => {
    isOver = true;
    clearTimeout(timer);
    socket.destroy();
  };
}
