import { chooseTarget } from "../balancing/choose-target.ts";
import { cookieValue, readStickyCookie, setCookieFields } from "../balancing/cookies.ts";
import { groupSettings } from "../balancing/group-settings.ts";
import type { GroupSettings } from "../balancing/group-settings.ts";
import { usableTargets } from "../balancing/usable-targets.ts";
import type { TargetGroupConfig } from "../data-plane.ts";
import type { ResponseHead } from "../http/response-head.ts";
import type { Target } from "./target.ts";

const stickyCookie = "AWSALB";
const appStickyCookie = "AWSALBAPP-0";

/** A target group: which of its targets gets the next request. */
export class Group {
  config: TargetGroupConfig;
  settings: GroupSettings;
  readonly targets = new Map<string, Target>();
  #usable: readonly Target[] = [];
  #turn = 0;
  readonly #onLeft: (target: Target) => void;

  /** @param onLeft - told when a request has left a target that is draining */
  constructor(config: TargetGroupConfig, onLeft: (target: Target) => void) {
    this.config = config;
    this.settings = groupSettings(config.attributes);
    this.#onLeft = onLeft;
  }

  update(config: TargetGroupConfig): void {
    this.config = config;
    this.settings = groupSettings(config.attributes);
  }

  /** To be called when a target has come, gone or changed its state. */
  refresh(): void {
    this.#usable = usableTargets([...this.targets.values()], this.settings.minimumHealthy);
  }

  /** Where the client was sent before, as its cookie says; else as the algorithm says. */
  choose(cookies: string, tried: readonly Target[]): Target | undefined {
    const { stickiness, algorithm, slowStartMs } = this.settings;
    let candidates = this.#usable;
    if (tried.length > 0) candidates = candidates.filter((target) => !tried.includes(target));
    if (stickiness !== undefined && cookies !== "") {
      const name = stickiness.type === "lb_cookie" ? stickyCookie : appStickyCookie;
      const token = readStickyCookie(cookies, name, Date.now());
      const isCalledFor = stickiness.type === "lb_cookie" || cookieValue(cookies, stickiness.cookieName) !== undefined;
      const sticky = isCalledFor ? candidates.find((target) => target.token === token) : undefined;
      if (sticky !== undefined) return sticky;
    }
    for (const target of candidates) {
      if (!target.isSuspect) continue;
      const trusted = candidates.filter((one) => !one.isSuspect);
      if (trusted.length > 0) candidates = trusted;
      break;
    }
    this.#turn = (this.#turn + 1) >>> 0;
    const now = slowStartMs > 0 ? Date.now() : 0;
    return chooseTarget(candidates, { algorithm, slowStartMs, now, random: Math.random(), turn: this.#turn });
  }

  /** The cookies that keep the client at the target. */
  stickyFields(target: Target, head: ResponseHead, cookies: string, now: number): string {
    const { stickiness } = this.settings;
    if (stickiness === undefined) return "";
    const cookie = { token: target.token, expiresAt: now + stickiness.durationMs };
    if (stickiness.type === "lb_cookie") return setCookieFields(stickyCookie, cookie, now);
    // The application begins a session by setting its own cookie.
    const begins = head.headers.some(
      ({ lower, value }) => lower === "set-cookie" && value.startsWith(`${stickiness.cookieName}=`),
    );
    const goesOn = readStickyCookie(cookies, appStickyCookie, now) !== undefined;
    return begins || goesOn ? setCookieFields(appStickyCookie, cookie, now) : "";
  }

  left(target: Target): void {
    if (target.config.state === "draining") this.#onLeft(target);
  }
}
