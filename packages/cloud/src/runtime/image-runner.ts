import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ContainerRunner } from "./container-runner.ts";
import { placeImage } from "./images.ts";
import type { HostImages } from "./images.ts";
import type { ImageRunner } from "./runner.ts";

/** Runs images in containers where an engine answers, and those that need none on this machine. */
export function imageRunner(
  containers: Pick<ContainerRunner, "isAvailable" | "runsAs" | "start" | "adopt">,
  hostImages: HostImages,
): ImageRunner {
  return {
    containers,
    async choose({ program }) {
      if (program.kind === "process") return { runsAs: "process", program };
      const placement = placeImage(program, { hasEngine: await containers.isAvailable(), hostImages });
      if (placement.kind === "container") return { runsAs: "container" };
      const { command, args, folder = program.hostFolder } = placement;
      // The folder stands for the whole file system of the image.
      const cwd = join(folder, program.workingDirectory ?? "");
      await mkdir(cwd, { recursive: true });
      return { runsAs: "process", program: { kind: "process", command, args, cwd } };
    },
  };
}
