import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, realpath, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { processStart } from "../packages/core/src/process-start.ts";
import { commandLine, project } from "./support/command-line.ts";

let folder: string;
let data: string;

beforeAll(async () => {
  await stat(join(project, "packages", "trysail", "dist", "main.js"));
});
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "trysail-cli-")));
  data = join(folder, "data");
});
afterEach(async () => {
  await trysail("down");
  await rm(folder, { recursive: true, force: true });
});

const start = (...given: Parameters<ReturnType<typeof commandLine>["start"]>) =>
  commandLine({ home: folder, data }).start(...given);
const trysail = (...args: string[]) => start(args).ended;
const up = () => commandLine({ home: folder, data }).up();
const json = async (...args: string[]) =>
  (await commandLine({ home: folder, data }).json(...args)) as Record<string, unknown>;

const isAlive = (pid: number) => ![undefined, "ended"].includes(processStart(pid));

describe("trysail up", () => {
  it("goes to the background, tells in one line where it is, and is gone after down", async () => {
    const { code, out } = await up();
    expect(code).toBe(0);
    const told = JSON.parse(out) as { readonly endpoint: string; readonly pid: number; readonly data: string };
    expect(out.trim().split("\n")).toHaveLength(1);
    expect(Object.keys(told)).toEqual(["endpoint", "pid", "data"]);
    expect(told.data).toBe(data);
    expect((await fetch(`${told.endpoint}/_trysail/repositories`)).status).toBe(200);
    expect(await json("status")).toMatchObject({ running: true, endpoint: told.endpoint, pid: told.pid });

    expect((await trysail("down")).code).toBe(0);
    expect(isAlive(told.pid)).toBe(false);
    await expect(fetch(told.endpoint)).rejects.toThrow();
    expect((await trysail("status")).code).toBe(3);
    expect((await trysail("down")).out).toContain("No Trysail is running");
  });

  it("serves in the foreground until Ctrl-C", async () => {
    const running = start(["up", "--port", "0", "--json"]);
    await running.prints("endpoint");
    running.kill("SIGINT");
    const { code, err } = await running.ended;
    expect([code, err]).toEqual([0, ""]);
    expect((await trysail("status")).code).toBe(3);
  });

  it("says who has the port", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    try {
      for (const detach of [[], ["--detach"]]) {
        const { code, err } = await trysail("up", "--port", String(port), ...detach);
        expect(code).toBe(4);
        expect(err).toContain(`Port ${port} is taken by pid ${process.pid} (`);
        expect(err).toContain("use --port");
      }
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it("refuses the data folder of another running Trysail, and tells where that is", async () => {
    const { endpoint } = JSON.parse((await up()).out) as { readonly endpoint: string };
    const { code, err } = await up();
    expect(code).toBe(5);
    expect(JSON.parse(err)).toMatchObject({
      error: { code: "data-in-use", message: expect.stringContaining(endpoint) as string },
    });
  });

  it("refuses a folder that holds something else, and one whose state is corrupt, and changes neither", async () => {
    await mkdir(data);
    await writeFile(join(data, "thesis.txt"), "mine");
    expect((await up()).code).toBe(5);
    expect(await readdir(data)).toEqual(["thesis.txt"]);
    await rm(data, { recursive: true });

    await up();
    await trysail("down");
    await writeFile(join(data, "state", "data.mdb"), "not a database ".repeat(1000));
    const { code, err } = await up();
    expect(code).toBe(5);
    expect(JSON.parse(err)).toMatchObject({ error: { code: "data-corrupt" } });
  });

  it.runIf(process.platform === "linux")("says so where the disk does not let it write", async () => {
    data = "/sys/trysail";
    const { code, err } = await trysail("up", "--port", "0");
    expect(code).toBe(6);
    expect(err).toMatch(/does not let Trysail write/);
  });
});

describe("a command without a running Trysail, or called wrongly", () => {
  it("fails with a code of its own", async () => {
    const { code, err } = await trysail("exec", "--", "true");
    expect(code).toBe(3);
    expect(err).toContain("Start it with `trysail up`");
    expect((await trysail("upp")).code).toBe(2);
    expect((await trysail("up", "--port", "many")).code).toBe(2);
    expect((await trysail("pipeline", "rollback")).code).toBe(2);
    expect((await trysail("--help")).code).toBe(0);
  });
});

describe("with a Trysail that runs", () => {
  beforeEach(async () => {
    expect((await up()).code).toBe(0);
  });

  it("exec leads to it, and not to the account that the user has configured", async () => {
    await mkdir(join(folder, ".aws"));
    await writeFile(
      join(folder, ".aws", "credentials"),
      "[default]\naws_access_key_id = AKIAREAL\naws_secret_access_key = real\n",
    );
    await writeFile(
      join(folder, ".aws", "config"),
      "[default]\nregion = ap-southeast-2\nendpoint_url = http://127.0.0.1:1\n",
    );
    const script = `
      const { STSClient, GetCallerIdentityCommand } = await import("@aws-sdk/client-sts");
      const client = new STSClient({});
      console.log((await client.send(new GetCallerIdentityCommand({}))).Arn, await client.config.region());`;
    const environment = {
      AWS_PROFILE: "production",
      AWS_SESSION_TOKEN: "real",
      AWS_ENDPOINT_URL_STS: "http://127.0.0.1:1",
    };
    const command = [process.execPath, "--input-type=module", "--no-warnings", "-e", script];
    const { code, out } = await start(["exec", "--region", "eu-west-1", "--", ...command], environment).ended;
    expect([code, out]).toEqual([0, "arn:aws:iam::000000000000:root eu-west-1\n"]);
  });

  it("exec returns the command's exit code, and passes signals on", async () => {
    expect((await trysail("exec", "--", "sh", "-c", "exit 7")).code).toBe(7);
    expect((await trysail("exec", "--", "no-such-command")).code).toBe(127);
    const trap = "trap 'exit 8' INT; trap 'exit 9' TERM; echo ready; while :; do sleep 0.02; done";
    for (const [signal, exitCode] of [
      ["SIGINT", 8],
      ["SIGTERM", 9],
    ] as const) {
      const running = start(["exec", "--", "sh", "-c", trap]);
      await running.prints("ready");
      running.kill(signal);
      expect((await running.ended).code).toBe(exitCode);
    }
  });

  it("env gives a shell the environment that exec gives to a command", async () => {
    const names = "/^(AWS_|CDK_)/";
    const print = `process.stdout.write(Object.entries(process.env).filter(([name]) => ${names}.test(name)).map(String).sort().join())`;
    const real = { AWS_PROFILE: "production" };
    const { out: commands } = await start(["env"], real).ended;
    const shell = spawn("sh", ["-c", `${commands}\nexec "$0" -e "$1"`, process.execPath, print], {
      env: { PATH: process.env["PATH"], ...real },
    });
    const evaluated = (await once(shell.stdout.setEncoding("utf8"), "data")) as [string];
    const { out } = await start(["exec", "--", process.execPath, "-e", print], real).ended;
    expect(evaluated[0]).toBe(out);
    expect(out).toContain("AWS_ENDPOINT_URL");
    expect(out).not.toContain("production");
  });

  it("repo add prints what to push to, and the push arrives", async () => {
    const { out: url } = await trysail("repo", "add", "acme/website");
    const git = `cd "${folder}" && git init -q -b main site && cd site && git -c user.name=A -c user.email=a@b commit -q --allow-empty -m First && git push -q "${url.trim()}" main`;
    expect(await trysail("exec", "--", "sh", "-c", git)).toMatchObject({ code: 0 });
    expect(JSON.parse((await trysail("repo", "list", "--json")).out)).toMatchObject([
      { name: "acme/website", url: url.trim(), defaultBranch: "main" },
    ]);
    const { code, err } = await trysail("repo", "add", "no-owner");
    expect(code).toBe(1);
    expect(err).toContain("acme/website");
  });

  it("a pipeline that is not there is said not to be there", async () => {
    const { code, err } = await trysail("pipeline", "watch", "website");
    expect(code).toBe(1);
    expect(err).toContain('There is no pipeline "website"');
    expect(await trysail("pipeline", "list", "--json")).toMatchObject({ code: 0, out: "[]\n" });
  });

  it("tells its own log", async () => {
    await trysail("repo", "list");
    expect((await trysail("logs")).out).toMatch(/^\d\d:\d\d:\d\d\.\d{3} ready endpoint=http/);
  });

  it("reset stops it and deletes its folder, when told to, and no folder of another kind", async () => {
    const { pid } = (await json("status")) as { readonly pid: number };
    expect((await trysail("reset")).code).toBe(2);
    expect(isAlive(pid)).toBe(true);
    const { code, err } = await trysail("reset", "--yes", "--data", project);
    expect(code).toBe(5);
    expect(err).toContain("nothing was deleted");
    expect((await trysail("reset", "--yes")).code).toBe(0);
    expect(isAlive(pid)).toBe(false);
    await expect(stat(data)).rejects.toMatchObject({ code: "ENOENT" });
  });
});
