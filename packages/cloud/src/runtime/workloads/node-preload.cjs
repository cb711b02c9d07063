// Loaded into every Node program that runs in a workload. A server that would listen on all addresses, which another
// workload may do at the same port, listens on the workload's own address instead. What a program asks for by name stays
// as it is: 127.0.0.1, a socket of the file system, a file descriptor.
//
// TRYSAIL_LISTEN is "ADDRESS LOWEST-PORT", or "ADDRESS LOWEST-PORT FIRST-PORT" where all workloads share one address. The
// arithmetic is that of ports.ts.
"use strict";

const told = /^(\S+) (\d+)(?: (\d+))?$/.exec(process.env.TRYSAIL_LISTEN ?? "");
if (told !== null) {
  const [, address, lowestPort, firstPort] = told;
  const everywhere = new Set([undefined, null, "", "0.0.0.0", "::", "[::]", "0", "::0"]);

  const movedPort = (port) => {
    if (port === 0) return port;
    if (firstPort === undefined) return port < Number(lowestPort) ? port + 10000 : port;
    const first = Number(firstPort);
    return port >= first && port < first + 23 ? port : first + (port % 23);
  };

  const isPort = (value) =>
    typeof value === "number" || (typeof value === "string" && value.trim() !== "" && Number(value) >= 0);

  const moved = (args) => {
    const [first, ...rest] = args;
    if (isPort(first)) {
      const hasHost = typeof rest[0] === "string" || rest[0] === null || rest[0] === undefined;
      const host = hasHost ? rest.shift() : undefined;
      if (!everywhere.has(host)) return args;
      return [movedPort(Number(first)), address, ...rest];
    }
    if (first === undefined || first === null || typeof first === "function") {
      // Any free port, as with 0.
      return [0, address, ...args.filter((arg) => arg !== undefined && arg !== null)];
    }
    if (typeof first === "object" && isPort(first.port) && first.path === undefined && everywhere.has(first.host)) {
      const { ipv6Only: _, ...options } = first;
      return [{ ...options, port: movedPort(Number(first.port)), host: address }, ...rest];
    }
    return args;
  };

  const { Server } = require("node:net");
  const { listen } = Server.prototype;
  Server.prototype.listen = function (...args) {
    return listen.apply(this, moved(args));
  };
}
