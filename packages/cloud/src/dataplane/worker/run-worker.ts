import { chmodSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { openChannel } from "../channel/json-lines.ts";
import type { Channel } from "../channel/json-lines.ts";
import type { FromWorker, ToWorker } from "../channel/messages.ts";
import { socketPath } from "../channel/socket-path.ts";
import type { PlaneConfig } from "../data-plane.ts";
import type { InvokeFunction } from "../proxy/lambda-exchange.ts";
import { Plane } from "./plane.ts";

/** How often the worker tells what it has done. */
const trafficMs = 500;

/** A worker that runs. */
export interface Worker {
  stop(): void;
}

/**
 * Runs the balancers of one region. What they are to do comes over a socket in the folder; the last of it is kept in a
 * file there, so that a worker that was started anew serves before anybody has told it.
 */
export async function runWorker(folder: string): Promise<Worker> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const configFile = join(folder, "config.json");
  let channel: Channel<FromWorker> | undefined;
  let isTelling = false;
  const tellHealth = () => {
    // Many change at once.
    if (isTelling) return;
    isTelling = true;
    setImmediate(() => {
      isTelling = false;
      channel?.send({ type: "health", targets: plane.health() });
    });
  };
  const calls = new Map<number, (payload: string | undefined) => void>();
  let lastCall = 0;
  /** Functions are invoked by Trysail: without it, they are not. */
  const invokeFunction: InvokeFunction = (functionArn, payload, done) => {
    if (channel === undefined) return done(undefined);
    lastCall += 1;
    calls.set(lastCall, done);
    channel.send({ type: "invoke", number: lastCall, functionArn, payload });
  };
  const endCalls = () => {
    const lost = [...calls.values()];
    calls.clear();
    for (const done of lost) done(undefined);
  };
  const plane = new Plane({ healthChanged: tellHealth, invokeFunction });
  // What was done while nobody listens is not told later: it would be taken for what is done then.
  const telling = setInterval(() => {
    const traffic = plane.counters.take();
    if (traffic !== undefined) channel?.send({ type: "traffic", traffic });
  }, trafficMs);

  let applying: Promise<unknown> = Promise.resolve();
  const inOrder = <T>(step: () => Promise<T>): Promise<T> => {
    const done = applying.then(step);
    applying = done.catch(() => {});
    return done;
  };
  const known = readConfig(configFile);
  if (known !== undefined) await inOrder(() => plane.apply(known));

  const received = (message: ToWorker, from: () => Channel<FromWorker>) => {
    switch (message.type) {
      case "apply":
        // It holds private keys.
        writeFileSync(`${configFile}.new`, JSON.stringify(message.config), { mode: 0o600 });
        renameSync(`${configFile}.new`, configFile);
        void inOrder(async () => {
          const failures = await plane.apply(message.config);
          from().send({ type: "health", targets: plane.health() });
          from().send({ type: "applied", number: message.number, failures });
        });
        return;
      case "exited":
        return plane.exited(message.host);
      case "invoked": {
        const done = calls.get(message.number);
        calls.delete(message.number);
        done?.(message.payload);
      }
    }
  };

  const server = createServer((socket) => {
    const own: Channel<FromWorker> = openChannel<FromWorker, ToWorker>(
      socket,
      (message) => received(message, () => own),
      () => {
        if (channel !== own) return;
        channel = undefined;
        endCalls();
      },
    );
    // A Trysail that was started anew takes the place of the one before.
    const before = channel;
    channel = own;
    before?.close();
    endCalls();
    tellHealth();
  });
  const { folder: socketFolder, path } = socketPath(folder, { temporaryFolder: tmpdir(), userId: userInfo().uid });
  makePrivate(socketFolder);
  rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  return {
    stop() {
      clearInterval(telling);
      server.close();
      channel?.close();
      plane.stop();
    },
  };
}

/** A folder that only this user can look into; one that is somebody else's is refused. */
function makePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== userInfo().uid) throw new Error(`${folder} is not a folder of this user's`);
  chmodSync(folder, 0o700);
}

function readConfig(file: string): PlaneConfig | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as PlaneConfig;
  } catch {
    // There is none yet.
    return undefined;
  }
}
