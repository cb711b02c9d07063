import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog, systemClock } from "@trysail/core";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTestEngine } from "../testing/test-engine.test-kit.ts";
import { containerRunner, endLeftoverContainers } from "./container-runner.ts";
import type { ContainerRunner } from "./container-runner.ts";
import { imageRunner } from "./image-runner.ts";
import type { ImageProgram } from "./images.ts";
import { openWorkloads } from "./local-workloads.ts";
import { openTrees } from "./processes/trees.ts";
import type { Ended, Job, Running } from "./runner.ts";
import type { WorkloadSpec } from "./workloads.ts";

const engine = await startTestEngine();
afterAll(() => engine?.stop());

// Where much else runs, an engine takes seconds for what takes it tenths otherwise.
describe.skipIf(engine === undefined)("containers of a real engine", { timeout: 90_000 }, () => {
  if (engine === undefined) return;
  let folder: string;
  let folderMark: string;
  let runners: ContainerRunner[] = [];
  let addresses = 0;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "trysail-containers-"));
    folderMark = folder.slice(-6).toLowerCase();
  });

  afterEach(async () => {
    for (const runner of runners.splice(0)) await runner.close();
    await endLeftoverContainers(folderMark, engine.socket);
    await rm(folder, { recursive: true });
  });

  const endpoint = "http://127.0.0.1:1";
  const open = async (at = endpoint): Promise<ContainerRunner> => {
    const runner = containerRunner({ folderMark, engineSocket: engine.socket, log: silentLog });
    runners.push(runner);
    expect(await runner.isAvailable()).toBe(true);
    if (at !== "") await runner.serve(at);
    return runner;
  };

  const job = (key: string, program: Partial<ImageProgram>, more: Partial<Job> = {}): Job => {
    addresses += 1;
    return {
      key,
      program: { kind: "image", image: engine.image, ports: [], hostFolder: folder, ...program },
      environment: {},
      given: { environment: {}, port: 8080 },
      address: `127.93.${process.pid % 200}.${addresses}`,
      reachedAt: (port) => port,
      limits: {},
      folder,
      outputFile: join(folder, `${key}.log`),
      ...more,
    };
  };

  const ask = (url: string): Promise<string> =>
    new Promise((resolve, reject) => {
      get(url, { agent: false }, (response) => {
        let body = "";
        response.on("data", (chunk: Buffer) => (body += chunk.toString()));
        response.on("end", () => resolve(body));
      }).on("error", reject);
    });

  const shell = (script: string) => ({ command: ["sh", "-c", script] });

  it("serve on the workload's address, and end when they are asked to", async () => {
    const runner = await open();
    const script = "mkdir /www; echo hello > /www/index.html; trap 'exit 9' TERM; httpd -f -p 8080 -h /www & wait";
    const web = job("web", { ...shell(script), ports: [8080] });
    const running = await runner.start(web);
    let body = "";
    // The program needs a moment until it listens.
    while (body === "") body = await ask(`http://${web.address}:8080/`).catch(() => "");
    expect(body).toBe("hello\n");
    running.signal("SIGTERM");
    expect(await running.ended).toMatchObject({ exit: { code: 9 }, outOfMemory: false });
    await running.kill();
  });

  it("are given environment, directory and user, and tell exit code and all that they have written", async () => {
    const runner = await open();
    const asked = job(
      "asked",
      {
        ...shell('echo "$HOST $PORT $NAME $(pwd) $(id -u)"; printf end; exit 7'),
        workingDirectory: "/bin",
        user: "1234",
      },
      { given: { environment: { NAME: "x y" }, port: 9000 } },
    );
    const running = await runner.start(asked);
    expect(await running.ended).toMatchObject({ exit: { code: 7 } });
    expect(await readFile(asked.outputFile, "utf8")).toBe("0.0.0.0 9000 x y /bin 1234\nend");
  });

  it("reach Trysail at the address that AWS's SDKs take credentials from", async () => {
    const server = createServer((_request, response) => response.end("from this machine"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      const runner = await open(at);
      const caller = job("caller", shell('echo "$URL"; wget -qO- "$URL/x"'), {
        given: { environment: { URL: at }, port: 80 },
      });
      await (
        await runner.start(caller)
      ).ended;
      expect(await readFile(caller.outputFile, "utf8")).toMatch(/^http:\/\/169\.254\.170\.2:\d+\nfrom this machine$/);
    } finally {
      server.close();
    }
  });

  it("are ended when they use more memory than they may, and tell so", async () => {
    const runner = await open();
    const greedy = job("greedy", shell("dd if=/dev/zero of=/dev/null bs=200M count=1"), { limits: { memoryMib: 20 } });
    expect(await (await runner.start(greedy)).ended).toMatchObject({ exit: { code: 137 }, outOfMemory: true });
  });

  it("run commands beside their program, and end those that take too long", async () => {
    const runner = await open();
    const running = await runner.start(job("host", shell("echo $$ > /main; exec sleep 1000")));
    expect(await running.execute(["sh", "-c", "echo out; echo more; exit 3"], { timeoutMs: 20_000 })).toEqual({
      exit: { code: 3 },
      output: "out\nmore\n",
    });
    expect(await running.execute(["sh", "-c", "exec sleep 1000.5"], { timeoutMs: 300 })).toEqual({
      exit: { signal: "SIGKILL" },
      output: "",
    });
    const { output } = await running.execute(["ps"], { timeoutMs: 20_000 });
    expect(output).toContain("sleep 1000");
    expect(output).not.toContain("sleep 1000.5");
    await running.kill();
  });

  it("are taken up after Trysail has died, with no line of output lost or doubled", async () => {
    const before = await open();
    const counting = job("count", shell("for i in $(seq 1 5000); do echo line $i; done; exec sleep 1000"));
    const started = await before.start(counting);
    started.release();
    // What was copied may be cut anywhere.
    await rm(counting.outputFile, { force: true });
    await appendFile(counting.outputFile, "line 1\nli");

    const after = await open("");
    const adopted = await after.adopt(counting);
    if (adopted === undefined || !("ended" in adopted)) throw new Error("it does not run");
    await after.serve(endpoint);
    adopted.signal("SIGKILL");
    await adopted.ended;
    const lines = (await readFile(counting.outputFile, "utf8")).trimEnd().split("\n");
    expect(lines).toEqual(Array.from({ length: lines.length }, (_, index) => `line ${index + 1}`));
    await adopted.kill();
  });

  it("that ended meanwhile tell how, and those that nobody takes up are removed", async () => {
    const before = await open();
    const brief = job("brief", shell("echo bye; exit 4"));
    const other = job("other", shell("sleep 1000"));
    const [briefly] = await Promise.all([before.start(brief), before.start(other)]);
    await briefly.ended;
    await before.close();

    const after = await open("");
    expect(await after.adopt(brief)).toMatchObject({ exit: { code: 4 } });
    expect(await readFile(brief.outputFile, "utf8")).toBe("bye\n");
    await after.serve(endpoint);
    expect(await after.adopt(other)).toBeUndefined();
  });

  it("are left alone by a Trysail with another data folder", async () => {
    const mine = await (await open()).start(job("mine", shell("sleep 1000")));
    const stranger = containerRunner({ folderMark: "stranger", engineSocket: engine.socket, log: silentLog });
    await stranger.isAvailable();
    await stranger.serve(endpoint);
    await stranger.close();
    expect(await endLeftoverContainers("stranger", engine.socket)).toEqual([]);
    expect(await mine.execute(["true"], { timeoutMs: 20_000 })).toMatchObject({ exit: { code: 0 } });
    expect(await endLeftoverContainers(folderMark, engine.socket)).toEqual(["workload/mine"]);
    await mine.ended;
  });

  it("fail in ECS's words if the image cannot be pulled or has no such program", async () => {
    const runner = await open();
    await expect(runner.start(job("p", { image: "registry.invalid/shop:1" }))).rejects.toMatchObject({
      code: "image-not-available",
      message: expect.stringMatching(/^CannotPullContainerError: Error response from daemon: /) as string,
    });
    await expect(runner.start(job("s", { command: ["nosuch"] }))).rejects.toMatchObject({
      code: "command-not-found",
      message: expect.stringMatching(/^CannotStartContainerError: .*executable file not found/) as string,
    });
    expect(await runner.adopt(job("s", {}))).toBeUndefined();
  });

  it("that end with their engine are told of when it is back", async () => {
    const runner = await open();
    const running: Running = await runner.start(job("long", shell("trap 'exit 9' TERM; sleep 1000 & wait")));
    await engine.halt();
    expect(await runner.isAvailable()).toBe(false);
    await engine.resume();
    const ended: Ended = await running.ended;
    // Either it was in time to be asked, or it was not.
    expect([9, 137, 143, 255]).toContain(ended.exit.code);
    expect(await runner.isAvailable()).toBe(true);
  });

  it("are workloads as processes are: reached, adopted, stopped and ended with all others", async () => {
    const openAll = async () => {
      const runner = containerRunner({ folderMark, engineSocket: engine.socket, log: silentLog });
      runners.push(runner);
      const workloads = await openWorkloads({
        folder: join(folder, "workloads"),
        trees: await openTrees(folder),
        clock: systemClock(),
        log: silentLog,
        images: imageRunner(runner, {}),
      });
      await runner.serve(endpoint);
      return workloads;
    };
    const spec = (name: string): WorkloadSpec => ({
      id: { service: "ecs", account: "1", region: "us-east-1", name },
      program: { kind: "image", image: engine.image, ...shell("exec sleep 1000"), ports: [80], hostFolder: folder },
      environment: {},
    });
    const before = await openAll();
    const [one] = await Promise.all([before.start(spec("one")), before.start(spec("two"))]);
    expect(one).toMatchObject({ runsAs: "container", state: "running", pid: undefined });
    const [listed] = await engine.docker.listContainers({ filters: { label: [`trysail.folder=${folderMark}`] } });
    expect(listed?.Ports[0]).toMatchObject({ PrivatePort: 80 });
    expect(before.reach(one.id, 80)).toMatchObject({ host: one.address });
    before.release();

    const after = await openAll();
    expect(after.find(one.id)).toMatchObject({ state: "running", address: one.address, startedAt: one.startedAt });
    await after.stop(one.id, { graceMs: 0 });
    expect(after.find(one.id)).toMatchObject({ state: "ended", exit: { code: 137 } });
    await after.stopAll();
    expect(await engine.docker.listContainers({ all: true })).toEqual([]);
  });
});
