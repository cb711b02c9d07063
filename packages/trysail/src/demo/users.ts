import { Agent, get } from "node:http";
import { text } from "node:stream/consumers";

/** What users of the demonstration's service have met. */
export interface Met {
  readonly requests: number;
  /** Requests that failed, by the version that answered; `nobody` where there was no answer. */
  readonly failed: Readonly<Record<string, number>>;
}

/** Users who ask in each region, steadily. */
export interface DemoUsers {
  /** Since the last time. */
  met(): Met;
  stop(): void;
}

const titles = ["sunrise", "regatta", "storm"];
const perSecond = 50;

/** @param urls - of the service, in each region */
export function startUsers(urls: readonly string[]): DemoUsers {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  let requests = 0;
  let failed: Record<string, number> = {};
  const fail = (version: string) => {
    failed[version] = (failed[version] ?? 0) + 1;
  };
  const ask = (url: string) => {
    const title = titles[requests % titles.length] ?? "storm";
    requests += 1;
    get(`${url}/play/${title}`, { agent }, (response) => {
      text(response).then(
        (body) => {
          if (response.statusCode !== 200) fail(/"version":"(\w+)"/.exec(body)?.[1] ?? "nobody");
        },
        () => fail("nobody"),
      );
    }).on("error", () => fail("nobody"));
  };
  const timer = setInterval(() => urls.forEach(ask), 1000 / perSecond);
  return {
    met() {
      const result = { requests, failed };
      requests = 0;
      failed = {};
      return result;
    },
    stop() {
      clearInterval(timer);
      agent.destroy();
    },
  };
}

/** For people: `4,512 requests, of which 36 failed, all of them answered by 59fadd7`. */
export function metText({ requests, failed }: Met): string {
  const count = requests.toLocaleString("en-US");
  const parts = Object.entries(failed);
  if (parts.length === 0) return `${count} requests of users, and none failed`;
  return `${count} requests of users; failed: ${parts.map(([version, number]) => `${number} at ${version}`).join(", ")}`;
}
