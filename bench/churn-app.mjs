// A small HTTP service that takes a few milliseconds for an answer, so that there is always something to lose.
import { createServer } from "node:http";

const [port, host] = process.argv.slice(2);
createServer((request, response) => {
  setTimeout(() => response.end("hello"), request.url === "/work" ? 5 : 0);
}).listen(Number(port), host);
process.on("SIGTERM", () => process.exit(0));
