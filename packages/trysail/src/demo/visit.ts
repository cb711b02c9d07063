import { get } from "node:http";
import { text } from "node:stream/consumers";

/**
 * Opens a page as a browser does: names below `localhost` are this machine, which not every system's resolver knows.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6761#section-6.3
 */
export async function visit(url: string): Promise<{ readonly status: number; readonly body: string }> {
  const { hostname, host, port, pathname } = new URL(url);
  const isLocal = hostname.endsWith(".localhost");
  return new Promise((resolve, reject) => {
    const options = { host: isLocal ? "127.0.0.1" : hostname, port, path: pathname, headers: { host } };
    get(options, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    }).on("error", reject);
  });
}
