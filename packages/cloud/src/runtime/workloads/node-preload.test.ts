import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPlaces } from "./addresses.ts";
import type { Place } from "./addresses.ts";
import { environmentOf } from "./environment.ts";
import { firstPortOf, sharedPort } from "./ports.ts";

const run = promisify(execFile);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "trysail preload "));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs a program in the surroundings of a workload. @returns what it prints, as JSON */
async function printed(place: Place, program: string, lowestPort = 1024): Promise<unknown> {
  const environment = environmentOf(
    { environment: { FOLDER: folder, PATH: process.env["PATH"] ?? "" }, port: 8080 },
    { inherited: {}, place, lowestPort },
  );
  const file = join(folder, "program.cjs");
  await writeFile(file, program);
  const { stdout } = await run(process.execPath, [file], { env: environment });
  return JSON.parse(stdout);
}

/** Opens a server in each of the ways, and prints where each listens. */
const listening = (ways: readonly string[]) => `
  const net = require("node:net"), http = require("node:http"), https = require("node:https"), http2 = require("node:http2");
  const { PORT, HOST, FOLDER } = process.env;
  const told = [];
  (async () => {
    for (const [server, ...args] of [${ways.map((way) => `[${way}]`).join(", ")}]) {
      await new Promise((resolve, reject) => server.once("error", reject).listen(...args, resolve));
      told.push(server.address());
    }
    console.log(JSON.stringify(told));
    process.exit();
  })();`;

describe.runIf(process.platform === "linux")("a Node program with an address of its own", () => {
  const place = createPlaces(`${process.pid}/${Math.random()}`, true).take();
  const address = place.kind === "own" ? place.address : "";

  it("listens on it where it would listen on all, and keeps the port", async () => {
    const ways = [
      "http.createServer(), PORT",
      'net.createServer(), 8081, "0.0.0.0"',
      'https.createServer(), { port: 8082, host: "::" }',
      "http2.createServer(), { port: 8083, ipv6Only: false }",
      "net.createServer(), 8084, undefined, 511",
      "net.createServer(), 80",
    ];
    expect(await printed(place, listening(ways))).toEqual(
      [8080, 8081, 8082, 8083, 8084, 10_080].map((port) => ({ address, port, family: "IPv4" })),
    );
  });

  it("listens on any port of it where it leaves the port open", async () => {
    const ways = ["net.createServer(), 0", "net.createServer()", "net.createServer(), {}"];
    expect(await printed(place, listening(ways.slice(0, 2)))).toEqual(
      [1, 2].map(() => ({ address, port: expect.any(Number) as number, family: "IPv4" })),
    );
  });

  it("listens where it says by name: an address, a socket, a handle", async () => {
    const ways = [
      'http.createServer(), 0, "127.0.0.1"',
      'net.createServer(), { port: 0, host: "localhost" }',
      'net.createServer(), FOLDER + "/socket"',
      'net.createServer(), { path: FOLDER + "/other" }',
    ];
    expect(await printed(place, listening(ways))).toMatchObject([
      { address: "127.0.0.1" },
      { address: expect.not.stringContaining(address) as string },
      join(folder, "socket"),
      join(folder, "other"),
    ]);
  });

  it("listens on it with all workers of a cluster", async () => {
    const program = `
      const cluster = require("node:cluster");
      if (cluster.isPrimary) {
        cluster.on("listening", (worker, at) => { console.log(JSON.stringify(at)); process.exit(); });
        cluster.fork();
      } else require("node:http").createServer().listen(8080);`;
    expect(await printed(place, program)).toMatchObject({ address, port: 8080 });
  });
});

describe("a Node program that shares an address", () => {
  it("listens on ports of its own, the one it was told included", async () => {
    const firstPort = firstPortOf(Math.floor(Math.random() * 800));
    const ways = ["http.createServer(), PORT", "net.createServer(), 3000"];
    expect(await printed({ kind: "shared", firstPort }, listening(ways))).toEqual(
      [8080, 3000].map((port) => ({ address: "127.0.0.1", port: sharedPort(port, firstPort), family: "IPv4" })),
    );
  });
});
