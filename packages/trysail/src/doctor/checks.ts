import { execFile } from "node:child_process";
import { access, constants, statfs } from "node:fs/promises";
import { createServer, request } from "node:http";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { machineAbilities } from "@trysail/cloud";
import { messageOf } from "@trysail/core";
import { portOwner } from "../instance/port-owner.ts";
import { limitsCheck, portsCheck, treesCheck } from "./machine-checks.ts";

/** `missing`: Trysail does not work without it. `limited`: something works less well, or not at all, without it. */
export type CheckStatus = "ok" | "limited" | "missing";

export interface Check {
  readonly name: string;
  readonly status: CheckStatus;
  /** What was found. */
  readonly found: string;
  /** What it means, and what to do about it, where it is not as it should be. */
  readonly advice?: string;
}

const run = promisify(execFile);

/** Long enough for a program that starts slowly, on a busy machine. */
const programPatienceMs = 10_000;

/** Less than this, and builds soon fail. */
const littleDiskBytes = 1024 ** 3;

/** Everything that `trysail doctor` looks at, in the order of its importance. */
export function allChecks(data: string): readonly (() => Promise<Check>)[] {
  return [
    checkNode,
    () => checkProgram("git", ["--version"], "missing", "Install git: sources and pushes need it."),
    () =>
      checkProgram(
        "bash",
        ["--version"],
        "limited",
        "Builds use sh in its place. Install bash for buildspecs that need it.",
      ),
    () => checkDisk(data),
    () => checkPort(4566),
    checkLoopbackAddresses,
    async () => portsCheck(machineAbilities().lowestPort),
    async () => limitsCheck(machineAbilities(), process.platform),
    async () => treesCheck(machineAbilities()),
    () => checkProgram("npm", ["--version"], "limited", "Builds of Node projects need npm."),
    checkAwsCli,
    checkDocker,
  ];
}

async function checkNode(): Promise<Check> {
  return nodeCheck(process.versions.node);
}

export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const fits = major > 20 || (major === 20 && minor >= 19);
  return {
    name: "Node",
    status: fits ? "ok" : "missing",
    found: version,
    ...(fits ? {} : { advice: "Trysail needs Node 20.19 or later." }),
  };
}

async function checkProgram(
  name: string,
  args: readonly string[],
  status: CheckStatus,
  advice: string,
): Promise<Check> {
  try {
    const { stdout } = await run(name, [...args], { timeout: programPatienceMs });
    return { name, status: "ok", found: stdout.split("\n", 1)[0] ?? "" };
  } catch {
    return { name, status, found: "not found", advice };
  }
}

async function checkAwsCli(): Promise<Check> {
  try {
    const { stdout } = await run("aws", ["--version"], { timeout: programPatienceMs });
    return awsCliCheck(stdout.trim());
  } catch {
    return { name: "aws CLI", status: "ok", found: "not found; Trysail does not need it" };
  }
}

/** @param told - `aws-cli/2.9.19 Python/3.11.2 …` */
export function awsCliCheck(told: string): Check {
  const [, major = 0, minor = 0] = (/^aws-cli\/(\d+)\.(\d+)/.exec(told) ?? []).map(Number);
  const isOld = major === 1 ? minor < 29 : minor < 13;
  const found = told.split(" ", 1)[0] ?? "";
  if (!isOld) return { name: "aws CLI", status: "ok", found };
  return {
    name: "aws CLI",
    status: "limited",
    found,
    advice:
      'It ignores AWS_ENDPOINT_URL. `trysail exec -- aws …` works; in scripts of your own give it --endpoint-url "$AWS_ENDPOINT_URL".',
  };
}

async function checkDisk(data: string): Promise<Check> {
  const name = "Disk";
  const folder = await existingParent(data);
  try {
    await access(folder, constants.W_OK);
  } catch {
    return {
      name,
      status: "missing",
      found: `${folder} cannot be written`,
      advice: "Give a folder of your own with --data.",
    };
  }
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  const found = `${(freeBytes / 1024 ** 3).toFixed(1)} GiB free for ${data}`;
  return freeBytes < littleDiskBytes
    ? { name, status: "limited", found, advice: "Make room, or give a folder on another disk with --data." }
    : { name, status: "ok", found };
}

async function existingParent(folder: string): Promise<string> {
  for (let candidate = folder; ; candidate = dirname(candidate)) {
    const isThere = await access(candidate).then(
      () => true,
      () => false,
    );
    if (isThere || candidate === dirname(candidate)) return candidate;
  }
}

async function checkPort(port: number): Promise<Check> {
  const name = `Port ${port}`;
  if (await canListen("127.0.0.1", port)) return { name, status: "ok", found: "free" };
  const owner = await portOwner(port);
  const found = owner === undefined ? "taken" : `taken by pid ${owner.pid} (${owner.name})`;
  return { name, status: "limited", found, advice: "If that is not Trysail, start Trysail with --port." };
}

async function checkLoopbackAddresses(): Promise<Check> {
  const name = "Loopback addresses";
  if (await canListen("127.1.2.3", 0)) return { name, status: "ok", found: "all of 127.0.0.0/8" };
  return {
    name,
    status: "limited",
    found: "127.0.0.1 only",
    advice: "Instances will share one address, and get ports of their own.",
  };
}

function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

async function checkDocker(): Promise<Check> {
  const name = "Container engine";
  const { engineSocket } = await import("@trysail/cloud");
  const socketPath = await engineSocket(process.env);
  const without = "images of node, python, busybox and alpine run on this machine, others need an engine";
  if (socketPath === undefined)
    return { name, status: "ok", found: `DOCKER_HOST is ${process.env["DOCKER_HOST"]}, no socket here; ${without}` };
  try {
    const version = await dockerVersion(socketPath);
    return { name, status: "ok", found: `${version} at ${socketPath}, runs the images of ECS's tasks` };
  } catch (error) {
    return { name, status: "ok", found: `none answers at ${socketPath} (${messageOf(error)}); ${without}` };
  }
}

function dockerVersion(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, path: "/version", timeout: programPatienceMs }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (body += chunk));
      response.on("end", () => {
        try {
          resolve((JSON.parse(body) as { readonly Version: string }).Version);
        } catch (error) {
          reject(error);
        }
      });
    });
    asking.on("error", reject);
    asking.on("timeout", () => asking.destroy(new Error("no answer")));
    asking.end();
  });
}
