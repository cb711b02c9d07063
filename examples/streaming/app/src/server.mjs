import { createServer } from "node:http";
import { measured, tellMetrics } from "./metrics.mjs";
import { play } from "./playback.mjs";
import { version } from "./version.mjs";

const region = process.env.AWS_REGION ?? "local";

/**
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 */
async function serve(request, response) {
  const answer = (status, body) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(`${JSON.stringify({ version, region, ...body })}\n`);
  };
  const [, kind, title = ""] = new URL(request.url ?? "/", "http://playback").pathname.split("/");
  if (kind !== "play") {
    answer(200, { status: "serving" });
    return;
  }
  const startedAt = performance.now();
  try {
    const found = await play(title);
    measured(performance.now() - startedAt, true);
    answer(200, found);
  } catch (error) {
    measured(performance.now() - startedAt, false);
    answer(500, { error: String(error) });
  }
}

const server = createServer((request, response) => void serve(request, response));

// Longer than a balancer keeps a connection that is idle: it must not send into one that is being closed.
server.keepAliveTimeout = 65_000;
server.listen(Number(process.env.PORT ?? 8080), process.env.HOST);
setInterval(() => void tellMetrics(), 1000);
