import { rm } from "node:fs/promises";
import type { Timer } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import type { Host } from "../../../kernel/host.ts";
import { offerSdk } from "../code/unpacked.ts";
import { idleEnvironmentMs } from "../limits.ts";
import type { Version } from "../model.ts";
import { sessionOf } from "../role.ts";
import { startEnvironment } from "./environment.ts";
import type { Environment } from "./environment.ts";
import type { Invocation, Outcome } from "./outcome.ts";

/** How many invocations are running, by function and by account and region. */
interface Load {
  readonly byFunction: Map<string, number>;
  readonly byRegion: Map<string, number>;
}

/** The environments of one Trysail. They live and end with it: nothing of them is stored. */
interface Fleet {
  /** By id, with the version that each is of. */
  readonly environments: Map<string, { readonly environment: Environment; readonly key: string }>;
  /** Those that wait for an event, by the version that they are of: the one that was used last comes last. */
  readonly free: Map<string, { readonly environment: Environment; readonly idle: Timer }[]>;
  readonly load: Load;
  readonly prepared: Promise<void>;
}

const fleets = new WeakMap<Host, Fleet>();

function fleetOf(host: Host): Fleet {
  let fleet = fleets.get(host);
  if (fleet === undefined) {
    fleet = {
      environments: new Map(),
      free: new Map(),
      load: { byFunction: new Map(), byRegion: new Map() },
      prepared: prepare(host),
    };
    fleets.set(host, fleet);
  }
  return fleet;
}

/** Clears away what environments of an earlier run have left. */
async function prepare(host: Host): Promise<void> {
  await Promise.all([
    offerSdk(host),
    ...["environments", "layers"].map((name) => rm(host.workspace("lambda", name), { recursive: true, force: true })),
  ]);
}

const regionKey = ({ account, region }: Pick<Context, "account" | "region">) => `${account}/${region}`;
const functionKey = (ctx: Pick<Context, "account" | "region">, name: string) => `${regionKey(ctx)}/${name}`;
/** What was changed has another revision, and so environments of its own. */
const poolKey = (ctx: Context, { functionName, number, revisionId }: Version) =>
  `${functionKey(ctx, functionName)}/${number}/${revisionId}`;

/** How many invocations of a function, and of all functions of its account and region, are running. */
export function loadOf(ctx: Context, functionName: string): { readonly ofFunction: number; readonly ofRegion: number } {
  const { byFunction, byRegion } = fleetOf(ctx.host).load;
  return {
    ofFunction: byFunction.get(functionKey(ctx, functionName)) ?? 0,
    ofRegion: byRegion.get(regionKey(ctx)) ?? 0,
  };
}

/** Finds the environment that a door leads to. */
export function findEnvironment(host: Host, id: string): Environment | undefined {
  return fleets.get(host)?.environments.get(id)?.environment;
}

/** Calls a version of a function: in an environment that is free, else in a new one. */
export async function execute(ctx: Context, version: Version, invocation: Invocation): Promise<Outcome> {
  const fleet = fleetOf(ctx.host);
  const { byFunction, byRegion } = fleet.load;
  const count = (counts: Map<string, number>, key: string, by: number) => {
    const sum = (counts.get(key) ?? 0) + by;
    if (sum === 0) counts.delete(key);
    else counts.set(key, sum);
  };
  count(byFunction, functionKey(ctx, version.functionName), 1);
  count(byRegion, regionKey(ctx), 1);
  try {
    await fleet.prepared;
    for (;;) {
      const environment = takeFree(fleet, ctx, version) ?? start(fleet, ctx, version);
      const outcome = await environment.invoke(invocation);
      if (outcome !== undefined) return outcome;
    }
  } finally {
    count(byFunction, functionKey(ctx, version.functionName), -1);
    count(byRegion, regionKey(ctx), -1);
  }
}

function takeFree(fleet: Fleet, ctx: Context, version: Version): Environment | undefined {
  const key = poolKey(ctx, version);
  const free = fleet.free.get(key) ?? [];
  for (let last = free.pop(); last !== undefined; last = free.pop()) {
    last.idle.cancel();
    if (free.length === 0) fleet.free.delete(key);
    if (last.environment.isFree(ctx.as({}).now)) return last.environment;
    last.environment.retire();
  }
  return undefined;
}

function start(fleet: Fleet, given: Context, version: Version): Environment {
  // It outlives the call that it is started for.
  const ctx = given.as({ principal: { type: "service", arn: "", userId: "lambda.amazonaws.com" } });
  const id = ctx.ids.hex(32);
  const key = poolKey(ctx, version);
  const leave = () => {
    const left = (fleet.free.get(key) ?? []).filter(({ environment, idle }) => {
      if (environment.id === id) idle.cancel();
      return environment.id !== id;
    });
    if (left.length === 0) fleet.free.delete(key);
    else fleet.free.set(key, left);
  };
  const environment = startEnvironment({
    ctx,
    id,
    version,
    credentials: () => sessionOf(ctx, version),
    onFree() {
      const idle = ctx.timer(ctx.as({}).now + idleEnvironmentMs, () => {
        leave();
        environment.retire();
      });
      fleet.free.set(key, [...(fleet.free.get(key) ?? []), { environment, idle }]);
    },
    onEnd() {
      leave();
      fleet.environments.delete(id);
    },
  });
  fleet.environments.set(id, { environment, key });
  return environment;
}

/** Ends the environments of a function, or those of one of its versions: each when it has answered what it is at. */
export function retireEnvironments(ctx: Context, functionName: string, number?: number): void {
  const fleet = fleetOf(ctx.host);
  const prefix = `${functionKey(ctx, functionName)}/${number === undefined ? "" : `${number}/`}`;
  for (const [key, free] of fleet.free) {
    if (!key.startsWith(prefix)) continue;
    fleet.free.delete(key);
    for (const { idle } of free) idle.cancel();
  }
  for (const { environment, key } of fleet.environments.values()) if (key.startsWith(prefix)) environment.retire();
}
