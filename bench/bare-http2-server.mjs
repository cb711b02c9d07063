// A bare node:http2 server that answers each request with the same bytes: the least that any server on Node can cost.
// Requests are read to their end and thrown away.
import { readFileSync } from "node:fs";
import { createServer } from "node:http2";

const { status, headers, body } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const bytes = Buffer.from(body, "base64");

const server = createServer();
server.on("stream", (stream) => {
  stream.on("end", () => {
    stream.respond({ ":status": status, ...headers });
    stream.end(bytes);
  });
  stream.resume();
});
server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
