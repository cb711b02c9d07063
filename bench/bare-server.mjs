// A bare node:http server that answers each request with the bytes it is given on its command line's file: the least
// that any server on Node can cost. Requests are read to their end and thrown away.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const answers = JSON.parse(readFileSync(process.argv[2], "utf8")).map((answer) => ({
  ...answer,
  body: Buffer.from(answer.body, "base64"),
}));

/** @type {import("node:http").RequestListener} */
const answer = (request, response) => {
  const found = answers.find(
    ({ method, path, target }) =>
      method === request.method &&
      request.url.startsWith(path) &&
      (target === undefined || target === request.headers["x-amz-target"]),
  );
  request.on("end", () => {
    response.writeHead(found.status, { ...found.headers, "content-length": found.body.length });
    response.end(found.body);
  });
  request.resume();
};
const server = createServer(answer).listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
