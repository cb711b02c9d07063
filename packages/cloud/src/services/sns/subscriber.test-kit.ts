import { createServer } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** What an endpoint was sent. */
interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly json: Readonly<Record<string, string>>;
}

/** An HTTP endpoint of a test's own. */
export interface Subscriber {
  readonly url: string;
  readonly received: Received[];
  /** What it answers from now on. @defaultValue 200 */
  status: number;
  close(): Promise<void>;
}

function jsonOf(body: string): Received["json"] {
  try {
    return JSON.parse(body) as Received["json"];
  } catch {
    return {};
  }
}

export async function startSubscriber(): Promise<Subscriber> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      subscriber.received.push({ headers: request.headers, body, json: jsonOf(body) });
      response.writeHead(subscriber.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const subscriber: Subscriber = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/inbox`,
    received: [],
    status: 200,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return subscriber;
}
