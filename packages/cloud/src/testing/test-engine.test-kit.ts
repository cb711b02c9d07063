import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { messageOf } from "@trysail/core";
import Docker from "dockerode";
import { finished } from "../runtime/container/engine.ts";

const run = promisify(execFile);

/** A real container engine of a test's own, with its own images, containers and networks. */
export interface TestEngine {
  readonly socket: string;
  readonly docker: Docker;
  /** Busybox, and nothing else. */
  readonly image: string;
  /** Ends the engine in order, and its containers with it. */
  halt(): Promise<void>;
  /** Starts it again after {@link TestEngine.halt}. */
  resume(): Promise<void>;
  /** Ends it with all that it has. */
  stop(): Promise<void>;
}

const patienceMs = 30_000;
const busybox = "/bin/busybox";

/**
 * Starts Debian's dockerd in a folder of its own. It makes no default bridge and no firewall rules, so that another engine
 * of this machine is left alone.
 *
 * @returns undefined where it cannot run, which is told with how to get it; where nothing may be skipped
 *   (`TRYSAIL_TEST_REQUIRE_ALL=1`), that fails
 */
export async function startTestEngine(): Promise<TestEngine | undefined> {
  try {
    return await start();
  } catch (error) {
    const advice = `No test of the container engine: ${messageOf(error)} Debian: apt-get install docker.io busybox-static. It needs root, or sudo without a password.`;
    if (process.env["TRYSAIL_TEST_REQUIRE_ALL"] === "1") throw new Error(advice, { cause: error });
    process.stderr.write(`Skipped: ${advice}\n`);
    return undefined;
  }
}

async function start(): Promise<TestEngine> {
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const root = (...words: readonly string[]) => {
    const [command = "", ...args] = [...asRoot, ...words];
    return run(command, args);
  };
  if (process.platform !== "linux") throw new Error("It runs on Linux only.");
  if (spawnSync(busybox, ["true"]).status !== 0) throw new Error(`${busybox} is missing.`);
  await root("dockerd", "--version");

  const folder = await mkdtemp(join(tmpdir(), "trysail-engine-"));
  const socket = join(folder, "socket");
  const docker = new Docker({ socketPath: socket });
  await writeFile(join(folder, "config.json"), "{}");

  /** @returns the way to wait for its end; in an object, since a promise would be awaited */
  const resume = async () => {
    const log = openSync(join(folder, "log"), "a");
    const options = {
      "config-file": join(folder, "config.json"),
      "data-root": join(folder, "data"),
      "exec-root": join(folder, "exec"),
      pidfile: join(folder, "pid"),
      host: `unix://${socket}`,
      group: String(process.getgid?.() ?? 0),
      "storage-driver": "vfs",
      bridge: "none",
      iptables: "false",
      ip6tables: "false",
    };
    const [command = "", ...args] = [
      ...asRoot,
      "dockerd",
      ...Object.entries(options).map(([name, value]) => `--${name}=${value}`),
    ];
    const daemon = spawn(command, args, { stdio: ["ignore", log, log], detached: true });
    closeSync(log);
    const ended = once(daemon, "exit");
    let isOver = false;
    void ended.then(() => (isOver = true));
    const before = Date.now();
    for (;;) {
      if (
        await docker.ping().then(
          () => true,
          () => false,
        )
      )
        return { ended };
      if (isOver || Date.now() - before > patienceMs) {
        const said = await readFile(join(folder, "log"), "utf8");
        throw new Error(`dockerd does not start: ${said.trim().split("\n").at(-1)}`);
      }
      await wait(20);
    }
  };

  let daemon = await resume();
  const halt = async () => {
    await root("kill", (await readFile(join(folder, "pid"), "utf8")).trim());
    await daemon.ended;
  };
  const engine: TestEngine = {
    socket,
    docker,
    image: "trysail-test:latest",
    halt,
    async resume() {
      daemon = await resume();
    },
    async stop() {
      const containers = await docker.listContainers({ all: true });
      await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true })));
      for (const { Id, Driver } of await docker.listNetworks()) {
        if (Driver === "bridge") await docker.getNetwork(Id).remove();
      }
      await halt();
      await root("rm", "-rf", folder);
    },
  };
  await buildImage(docker, engine.image, folder);
  return engine;
}

/** An image from nothing, for which no registry is needed. */
async function buildImage(docker: Docker, tag: string, folder: string): Promise<void> {
  const dockerfile = [
    "FROM scratch",
    "COPY busybox /bin/busybox",
    'RUN ["/bin/busybox", "--install", "-s", "/bin"]',
    "ENV PATH=/bin",
    'CMD ["sleep", "100000"]',
  ];
  await writeFile(join(folder, "Dockerfile"), dockerfile.join("\n"));
  const context = join(folder, "context.tar");
  await run("tar", ["-cf", context, "-C", folder, "Dockerfile", "-C", "/bin", "busybox"]);
  await finished(await docker.buildImage(context, { t: tag }));
  await rm(context);
}
