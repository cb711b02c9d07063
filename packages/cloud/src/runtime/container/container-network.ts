import { createServer } from "node:net";
import { statusOf } from "./engine.ts";
import type { Engine } from "./engine.ts";

/** One network for the containers of every Trysail on this engine: there can be only one of that subnet. */
const networkName = "trysail";

/**
 * The address at which containers of ECS find their credentials, and the only one beside the loopback that AWS's SDKs
 * accept for that. It is the network's gateway, where Trysail listens. The subnet leaves out 169.254.169.254.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
const ecsSubnet = { Subnet: "169.254.170.0/23", Gateway: "169.254.170.2" };

export interface ContainerNetwork {
  readonly id: string;
  readonly gateway: string;
}

/** The network, made if need be. */
export async function ensureNetwork(engine: Engine): Promise<ContainerNetwork> {
  for (let attempt = 1; ; attempt += 1) {
    // Two Trysails may have made one at the same time: all take the older.
    const [found] = (await networksOf(engine)).toSorted(
      (a, b) => Date.parse(a.Created) - Date.parse(b.Created) || (a.Id < b.Id ? -1 : 1),
    );
    const gateway = found?.IPAM?.Config?.[0]?.Gateway;
    if (found !== undefined && gateway !== undefined) return { id: found.Id, gateway };
    if (attempt > 1) throw new Error("The container engine makes no network with a gateway.");
    await makeNetwork(engine);
  }
}

async function networksOf(engine: Engine) {
  const listed = await engine.listNetworks({ filters: { name: [networkName], label: [networkName] } });
  // The engine finds longer names too.
  return listed.filter(({ Name }) => Name === networkName);
}

async function makeNetwork(engine: Engine): Promise<void> {
  const options = { Name: networkName, CheckDuplicate: true, Driver: "bridge", Labels: { [networkName]: "" } };
  if (!(await isOfThisMachine(ecsSubnet.Gateway))) {
    try {
      await engine.createNetwork({ ...options, IPAM: { Config: [ecsSubnet] } });
      return;
    } catch (error) {
      // 409: another Trysail has just made it. Anything else: another network of the engine has these addresses.
      const status = statusOf(error);
      if (status === 409) return;
      if (status === undefined) throw error;
    }
  }
  await engine.createNetwork(options);
}

/**
 * Whether an address is one of this machine's already: on ECS itself, and in CodeBuild, it is AWS's; or another engine's
 * network has it. Node lists no addresses of a network without containers, so it is tried.
 */
async function isOfThisMachine(address: string): Promise<boolean> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, address, resolve);
    });
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

/** Leaves it to those who use it still. */
export async function removeNetwork(engine: Engine): Promise<void> {
  for (const { Id } of await networksOf(engine)) {
    // 403: it has containers. 404: it is gone.
    await engine
      .getNetwork(Id)
      .remove()
      .catch(() => {});
  }
}
