import type { Socket } from "node:net";
import { StringDecoder } from "node:string_decoder";

/** Both ends of a connection on which each line is a message in JSON. */
export interface Channel<Sent> {
  send(message: Sent): void;
  close(): void;
}

/**
 * @param received - called with each message
 * @param closed - called once, when the other end has gone
 */
export function openChannel<Sent, Received>(
  socket: Socket,
  received: (message: Received) => void,
  closed: () => void,
): Channel<Sent> {
  const decoder = new StringDecoder("utf8");
  // Pieces of a line that has not ended: joined once, since a configuration may be large.
  let pieces: string[] = [];
  socket.on("data", (piece: Buffer) => {
    const lines = decoder.write(piece).split("\n");
    for (const [index, line] of lines.entries()) {
      pieces.push(line);
      if (index === lines.length - 1) break;
      const whole = pieces.join("");
      pieces = [];
      received(JSON.parse(whole) as Received);
    }
  });
  // What goes wrong ends in "close".
  socket.on("error", () => {});
  socket.on("close", closed);
  return {
    send: (message) => void (socket.writable && socket.write(`${JSON.stringify(message)}\n`)),
    close: () => void socket.destroy(),
  };
}
