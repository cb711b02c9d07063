import { Agent, get } from "node:http";
import { text } from "node:stream/consumers";

export interface Failure {
  readonly url: string;
  readonly reason: string;
  /** That answered; undefined where nobody did. */
  readonly version: string | undefined;
}

/** Viewers of the playback service in each region, who ask steadily. */
export interface Viewers {
  /** Asks now and then, as viewers are answered, until there is an answer. */
  until<T>(ask: () => Promise<T | undefined>): Promise<T>;
  /** What viewers have met since the last time. */
  forget(): { readonly failures: readonly Failure[]; readonly versions: ReadonlySet<string> };
  stop(): Promise<void>;
}

const titles = ["sunrise", "regatta", "storm"];

/** @param perSecond - requests in each region */
export function startViewers(urls: readonly string[], perSecond = 60): Viewers {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  let failures: Failure[] = [];
  let versions = new Set<string>();
  let ticks = 0;
  const open = new Set<Promise<void>>();
  let wake = () => {};

  const ask = (url: string) =>
    new Promise<void>((resolve) => {
      const failed = (reason: string, version?: string) => {
        failures.push({ url, reason, version });
        resolve();
      };
      get(`${url}/play/${titles[ticks % titles.length]}`, { agent }, (response) => {
        text(response).then(
          (body) => {
            const version = /"version":"(\w+)"/.exec(body)?.[1];
            if (version !== undefined) versions.add(version);
            if (response.statusCode === 200) resolve();
            else failed(`${response.statusCode} ${body.slice(0, 80)}`, version);
          },
          (error: unknown) => failed(String(error)),
        );
      }).on("error", (error) => failed(error.message));
    });

  const timer = setInterval(() => {
    ticks += 1;
    for (const url of urls) {
      const request = ask(url).finally(() => open.delete(request));
      open.add(request);
    }
    // Twice a second.
    if (ticks % (perSecond / 2) === 0) wake();
  }, 1000 / perSecond);

  return {
    async until(question) {
      for (;;) {
        const answer = await question();
        if (answer !== undefined) return answer;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    forget() {
      const met = { failures, versions };
      failures = [];
      versions = new Set();
      return met;
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(open);
      agent.destroy();
    },
  };
}
