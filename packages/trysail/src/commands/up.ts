import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { HostImages } from "@trysail/cloud";
import type { Region } from "@trysail/core";
import { TrysailError } from "@trysail/core";
import { dataFolderOf } from "../connection.ts";
import { exitCodes } from "../exit-codes.ts";
import { failureOf } from "../failure.ts";
import type { Failure } from "../failure.ts";
import { prepareDataFolder } from "../instance/data-folder.ts";
import type { Instance } from "../instance/instance.ts";
import type { InstanceOptions, LocalInstance } from "../instance/run-instance.ts";
import { processTerminal } from "../terminal/terminal.ts";
import type { Terminal } from "../terminal/terminal.ts";

interface UpOptions {
  readonly port: number;
  readonly regions?: readonly Region[];
  readonly image?: HostImages;
  /** Whether images are run by a container engine, if one answers. */
  readonly engine: boolean;
  readonly data?: string;
  readonly detach?: boolean;
  readonly json?: boolean;
  /** Set by ourselves, for the process in the background. */
  readonly reportToParent?: boolean;
}

/** What the process in the background tells the one that started it. */
type Report = { readonly ready: Instance } | { readonly failed: Failure };

/** `trysail up` */
export async function up(options: UpOptions): Promise<number> {
  const data = await dataFolderOf(options.data);
  if (options.reportToParent === true) return serveInBackground(data, options);
  const terminal = processTerminal({ isQuiet: options.json === true });
  const isJson = options.json === true;
  if (options.detach === true) {
    const instance = await startInBackground(data, options);
    tellReady(terminal, instance, isJson);
    if (!isJson) terminal.line("It goes on in the background. `trysail down` stops it.");
    return exitCodes.ok;
  }
  // From now on: Ctrl-C during the start stops it in order, once it has started.
  const stopped = untilStopped();
  const instance = await serve(await instanceOptions(data, options));
  tellReady(terminal, instance, isJson);
  if (!isJson) terminal.line("Ctrl-C stops it.");
  await stopped;
  terminal.note("Stopping.");
  await instance.stop();
  return exitCodes.ok;
}

function tellReady({ line, style }: Terminal, { endpoint, pid, data, regions }: Instance, isJson: boolean): void {
  if (isJson) {
    line(JSON.stringify({ endpoint, pid, data }));
    return;
  }
  line(`${style.green("Trysail is ready")} at ${style.bold(endpoint)} (pid ${pid}).`);
  line(`Data: ${data}`);
  line(`Regions: ${regions.join(", ")}; any other on first use.`);
  line(`Next: ${style.bold("trysail exec -- cdk deploy")} in the folder of your CDK app.`);
}

/** Loaded only by the process that serves: what starts one in the background is quick without. */
async function serve(options: InstanceOptions): Promise<LocalInstance> {
  const { runInstance } = await import("../instance/run-instance.ts");
  return runInstance(options);
}

async function instanceOptions(data: string, { port, regions, image, engine }: UpOptions): Promise<InstanceOptions> {
  const { engineSocket } = await import("@trysail/cloud");
  const containerEngine = engine ? await engineSocket(process.env) : undefined;
  return { data, port, regions, key: configuredKey(), containerEngine, hostImages: image };
}

/** Demands a key from callers where both variables are set. */
function configuredKey() {
  const { TRYSAIL_ACCESS_KEY_ID: accessKeyId = "", TRYSAIL_SECRET_ACCESS_KEY: secretAccessKey = "" } = process.env;
  return accessKeyId === "" || secretAccessKey === "" ? undefined : { accessKeyId, secretAccessKey };
}

/** Resolves on Ctrl-C, on SIGTERM, and when the terminal is closed. A second signal ends the process at once. */
async function untilStopped(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
}

/** The process in the background: tells its parent how the start went, then lives on without it. */
async function serveInBackground(data: string, options: UpOptions): Promise<number> {
  const tell = (report: Report) =>
    new Promise<void>((resolve) => {
      if (process.send === undefined || !process.connected) resolve();
      else process.send(report, () => resolve());
    });
  const stopped = untilStopped();
  try {
    const { stop, ...instance } = await serve(await instanceOptions(data, options));
    await tell({ ready: instance });
    if (process.connected) process.disconnect();
    await stopped;
    await stop();
    return exitCodes.ok;
  } catch (error) {
    const failed = failureOf(error);
    await tell({ failed });
    return failed.exitCode;
  }
}

async function startInBackground(data: string, { port, regions, image = {}, engine }: UpOptions): Promise<Instance> {
  await prepareDataFolder(data);
  const args = [
    "up",
    "--report-to-parent",
    "--data",
    data,
    "--port",
    String(port),
    ...(regions === undefined ? [] : ["--regions", regions.join(",")]),
    ...Object.entries(image).flatMap(([name, folder]) => [
      "--image",
      folder === undefined ? name : `${name}=${folder}`,
    ]),
    ...(engine ? [] : ["--no-engine"]),
  ];
  // Node tells here of a fault that ends it.
  const lastWords = join(data, "stderr.log");
  const errors = openSync(lastWords, "a", 0o600);
  const child = spawn(process.execPath, [fileURLToPath(new URL("../main.js", import.meta.url)), ...args], {
    // Not the folder that we are in, which could not be removed then.
    cwd: data,
    detached: true,
    stdio: ["ignore", "ignore", errors, "ipc"],
  });
  closeSync(errors);
  const report = await new Promise<Report>((resolve, reject) => {
    child.once("message", (message) => resolve(message as Report));
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      reject(
        new TrysailError("start-failed", `Trysail ended while it started (${signal ?? `exit code ${code}`}).`, {
          next: `What it said is in ${lastWords}.`,
        }),
      );
    });
  });
  if ("ready" in report) {
    child.disconnect();
    child.unref();
    return report.ready;
  }
  const { code, message, next, exitCode } = report.failed;
  throw new TrysailError(code, message, { fault: "user", exitCode, ...(next === undefined ? {} : { next }) });
}
