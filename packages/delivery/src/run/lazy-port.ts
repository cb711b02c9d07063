import type { Unreachable } from "../plan/model.ts";
import type { RegionPort } from "./port.ts";

/**
 * A port that reads how server groups are made when it is first used, and reads it again only if that failed: a rollout goes
 * on with what it began with.
 *
 * @param load - the port, or why there is none
 */
export function lazyPort(region: string, load: () => Promise<RegionPort | Unreachable>): RegionPort {
  let loaded: RegionPort | undefined;
  async function port(): Promise<RegionPort | Unreachable> {
    if (loaded !== undefined) return loaded;
    const found = await load();
    if (!("kind" in found)) loaded = found;
    return found;
  }
  async function required(): Promise<RegionPort> {
    const found = await port();
    if ("kind" in found) throw new Error(found.message);
    return found;
  }
  return {
    region,
    async observe() {
      const found = await port();
      return "kind" in found ? found : found.observe();
    },
    async apply(action) {
      const found = await port();
      if (!("kind" in found)) return found.apply(action);
      const { code, message } = found;
      return found.isTransient ? { kind: "later", message } : { kind: "refused", code, message };
    },
    series: async (...query) => (await required()).series(...query),
    measure: async (...query) => (await required()).measure(...query),
  };
}
