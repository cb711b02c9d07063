import { access } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { messageOf } from "@trysail/core";
import type Docker from "dockerode";

export type Engine = Docker;

/** An engine that does not answer within this is as good as none. */
const answerWithinMs = 2000;

/**
 * The socket of the container engine: that of `DOCKER_HOST`, else Docker's own, else Docker Desktop's. Undefined if
 * `DOCKER_HOST` names an engine on another machine: what that one publishes is not reached here.
 */
export async function engineSocket(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const { DOCKER_HOST: host = "" } = environment;
  if (host !== "") return host.startsWith("unix://") ? host.slice("unix://".length) : undefined;
  const own = join(homedir(), ".docker", "run", "docker.sock");
  return access(own).then(
    () => own,
    () => "/var/run/docker.sock",
  );
}

/** The engine at a socket, if it answers. It is never started. */
export async function connectEngine(socketPath: string): Promise<Engine | undefined> {
  if (
    !(await access(socketPath).then(
      () => true,
      () => false,
    ))
  ) {
    return undefined;
  }
  // Only here: few need it, and it takes its time to load.
  const { default: Client } = await import("dockerode");
  const engine = new Client({ socketPath });
  return (await answers(engine)) ? engine : undefined;
}

export async function answers(engine: Engine): Promise<boolean> {
  try {
    const patience = new Promise<false>((resolve) => setTimeout(resolve, answerWithinMs, false).unref());
    return await Promise.race([engine.ping().then(() => true), patience]);
  } catch {
    return false;
  }
}

/** The HTTP status with which the engine has refused; undefined if it has not answered at all. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("statusCode" in error)) return undefined;
  return typeof error.statusCode === "number" ? error.statusCode : undefined;
}

/** What the engine says of an error, as its own command line and ECS show it. */
export function engineMessage(error: unknown): string {
  const said =
    typeof error === "object" && error !== null && "json" in error
      ? (error.json as { readonly message?: string } | null)?.message
      : undefined;
  return `Error response from daemon: ${said ?? messageOf(error)}`.trimEnd();
}

/** Does what may be done twice: the engine says 404 or 304 if it was done already. */
export async function unlessDone(asking: Promise<unknown>): Promise<void> {
  try {
    await asking;
  } catch (error) {
    const status = statusOf(error);
    if (status !== 304 && status !== 404) throw error;
  }
}

/** Undefined if there is no such container. */
export async function inspect(engine: Engine, container: string): Promise<Docker.ContainerInspectInfo | undefined> {
  try {
    return await engine.getContainer(container).inspect();
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** Ends a container and removes it, with the volumes that it alone has. */
export async function removeContainer(engine: Engine, container: string): Promise<void> {
  try {
    await engine.getContainer(container).remove({ force: true, v: true });
  } catch (error) {
    // 404: it is gone. 409: another removal is under way.
    const status = statusOf(error);
    if (status !== 404 && status !== 409) throw error;
  }
}

/**
 * Waits for the end of a build or a pull.
 *
 * @throws what the engine says of why it has failed
 */
export async function finished(progress: NodeJS.ReadableStream): Promise<void> {
  let text = "";
  for await (const chunk of progress) text += chunk.toString();
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const failed = lines.map((line) => JSON.parse(line) as { readonly error?: string }).find(({ error }) => error);
  if (failed?.error !== undefined) throw new Error(failed.error);
}
