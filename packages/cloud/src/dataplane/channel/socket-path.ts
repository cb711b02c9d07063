import { createHash } from "node:crypto";
import { join } from "node:path";

/** What a socket's path may be long on every system that Trysail runs on. */
const longestBytes = 100;

/**
 * Where a worker's socket is: in its folder, or, where that path is too long for a socket, in a folder of this user's
 * own among the temporary ones, under a name made of the path.
 */
export function socketPath(
  folder: string,
  system: { readonly temporaryFolder: string; readonly userId: number },
): { readonly folder: string; readonly path: string } {
  const path = join(folder, "control.sock");
  if (Buffer.byteLength(path) <= longestBytes) return { folder, path };
  const own = join(system.temporaryFolder, `trysail-${system.userId}`);
  const name = createHash("sha256").update(folder).digest("hex").slice(0, 24);
  return { folder: own, path: join(own, `${name}.sock`) };
}
