import { codeOf } from "@trysail/core";
import type { Context } from "../../../kernel/context.ts";
import { instanceTypes } from "../instance-types.ts";
import { doorOf } from "../metadata/door.ts";
import { portTag } from "../tags.ts";
import { tables } from "../store.ts";
import { diskOf, prepareFolder, standInFolder } from "./folder.ts";
import { initScript } from "./init.ts";
import { workloadOf } from "./model.ts";
import type { InstanceRow } from "./model.ts";

/** Opens the instance's metadata service, where it was before if it was open before. */
export async function openMetadata(ctx: Context, row: InstanceRow): Promise<number> {
  const { port } = await ctx.host.doors.open(doorOf(ctx, row.id), { host: row.address, port: row.metadataPort ?? 0 });
  if (port !== row.metadataPort) {
    ctx.transaction(() => {
      const now = ctx.table(tables.instances).get(row.id);
      if (now !== undefined) ctx.table(tables.instances).put(row.id, { ...now, metadataPort: port });
    });
  }
  return port;
}

/**
 * Starts an instance's workload.
 *
 * @param again - see {@link prepareFolder}
 * @throws TrysailError what keeps it from starting
 */
export async function boot(ctx: Context, row: InstanceRow, again: boolean): Promise<void> {
  const [metadataPort, folder, bin] = await Promise.all([
    openMetadata(ctx, row).catch((error: unknown) => {
      if (codeOf(error) !== "port-in-use") throw error;
      // Nothing of the instance runs that knew the port that is taken now.
      return openMetadata(ctx, { ...row, metadataPort: undefined });
    }),
    prepareFolder(ctx, row, again),
    standInFolder(ctx),
  ]);
  const type = instanceTypes.get(row.instanceType);
  const port = Number(ctx.table(tables.tags).get([row.id, portTag]) ?? "");
  await ctx.host.workloads.start({
    id: workloadOf(ctx, row.id),
    program: { kind: "process", command: "sh", args: ["-c", initScript, "init", folder], cwd: diskOf(folder) },
    environment: {
      PATH: `${bin}:${process.env["PATH"] ?? "/usr/bin:/bin"}`,
      HOME: diskOf(folder),
      AWS_ENDPOINT_URL: ctx.host.endpoint,
      AWS_REGION: ctx.region,
      AWS_DEFAULT_REGION: ctx.region,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://${row.address}:${metadataPort}`,
    },
    ...(Number.isInteger(port) && port > 0 && port < 65_536 && { port }),
    ...(type !== undefined && { limits: { memoryMib: type.memoryMib, cpus: type.vcpus } }),
  });
}
