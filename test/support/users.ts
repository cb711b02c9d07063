import { Agent, get } from "node:http";

/** Users of some services, each of whom asks again as soon as there is an answer. */
export interface Users {
  /** @returns how many requests there were, and what failed */
  stop(): Promise<{ readonly count: number; readonly failures: readonly string[] }>;
}

export function startUsers(urls: readonly string[], perService = 2): Users {
  const agent = new Agent({ keepAlive: true });
  const failures: string[] = [];
  const state = { stopped: false, count: 0 };
  const ask = (url: string) =>
    new Promise<void>((resolve) => {
      const failed = (reason: string) => {
        failures.push(`${url}: ${reason}`);
        resolve();
      };
      get(url, { agent }, (response) => {
        response.resume();
        response.on("error", (error) => failed(error.message));
        response.on("end", () => {
          if (response.statusCode === 200) resolve();
          else failed(`answered ${response.statusCode}`);
        });
      }).on("error", (error) => failed(error.message));
    });
  const user = async (url: string) => {
    while (!state.stopped) {
      await ask(url);
      state.count += 1;
    }
  };
  const all = urls.flatMap((url) => Array.from({ length: perService }, () => user(url)));
  return {
    async stop() {
      state.stopped = true;
      await Promise.all(all);
      agent.destroy();
      return { count: state.count, failures };
    },
  };
}
