import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { sdkConfig } from "@trysail/delivery";
import type { Rollouts } from "./connect-rollouts.ts";
import { statusOf } from "./status-of.ts";
import type { VersionSources } from "./version.ts";

const run = promisify(execFile);

/** The account's buckets, and the git repository of the current folder. */
export function versionSources({ clientConfigIn, home }: Pick<Rollouts, "clientConfigIn" | "home">): VersionSources {
  return {
    async etagOf(bucket, key) {
      const { HeadObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
      const s3 = new S3Client({ ...sdkConfig(clientConfigIn(home)), followRegionRedirects: true });
      try {
        return (await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))).ETag ?? null;
      } catch (error) {
        const status = statusOf(error);
        if (status === 404) return undefined;
        if (status === 403) return null;
        throw error;
      } finally {
        s3.destroy();
      }
    },
    async commitOf(name) {
      try {
        const { stdout } = await run("git", [
          "show",
          "--no-patch",
          "--format=%H %ct",
          "--end-of-options",
          `${name}^{commit}`,
        ]);
        const [, id, seconds] = /^([0-9a-f]+) (\d+)$/m.exec(stdout) ?? [];
        return id === undefined ? undefined : { id, committedAt: Number(seconds) * 1000 };
      } catch {
        return undefined;
      }
    },
  };
}
