import { TrysailError } from "@trysail/core";
import { parseImage } from "../images.ts";
import { engineMessage, finished, statusOf } from "./engine.ts";
import type { Engine } from "./engine.ts";

/**
 * The images of an engine: one that it has is taken as it is, another one is pulled, once for all who want it at the
 * time.
 */
export function imagePulls(engine: Engine): { ensure(image: string): Promise<void> } {
  const pulls = new Map<string, Promise<void>>();
  return {
    async ensure(image) {
      if (await isThere(engine, image)) return;
      const running = pulls.get(image) ?? pull(engine, image).finally(() => pulls.delete(image));
      pulls.set(image, running);
      await running;
    },
  };
}

async function isThere(engine: Engine, image: string): Promise<boolean> {
  try {
    await engine.getImage(image).inspect();
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
}

/** @throws TrysailError `image-not-available` (fault: user), in ECS's words */
async function pull(engine: Engine, image: string): Promise<void> {
  const { tag, digest } = parseImage(image);
  try {
    // Without a tag the engine would pull all of them.
    await finished(await engine.pull(tag === undefined && digest === undefined ? `${image}:latest` : image));
  } catch (error) {
    throw new TrysailError("image-not-available", `CannotPullContainerError: ${engineMessage(error)}`, {
      fault: "user",
      next: `Give the engine the image: docker build -t ${image} FOLDER, or docker pull ${image}.`,
      cause: error,
    });
  }
}
