import { randomBytes } from "node:crypto";

/** The time, as exactly as connections need it, and what is made from it for each request. */
export interface Ticks {
  readonly now: number;
  /** As in a `Date` field. */
  readonly date: string;
  /** A new id for a request. @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html */
  traceId(): string;
  every(listener: (now: number) => void): () => void;
  stop(): void;
}

const tickMs = 100;
const ticksPerSweep = 5;

export function startTicks(): Ticks {
  const listeners = new Set<(now: number) => void>();
  let now = Date.now();
  let date = new Date(now).toUTCString();
  let seconds = "";
  let count = 0;
  let ticks = 0;
  // Unique by this worker's part and the counter, without asking for randomness each time.
  const own = randomBytes(8).toString("hex");
  const update = () => {
    now = Date.now();
    const stamp = Math.floor(now / 1000).toString(16);
    if (stamp === seconds) return;
    seconds = stamp;
    date = new Date(now).toUTCString();
  };
  update();
  const timer = setInterval(() => {
    update();
    if (++ticks % ticksPerSweep === 0) for (const listener of listeners) listener(now);
  }, tickMs);
  return {
    get now() {
      return now;
    },
    get date() {
      return date;
    },
    traceId() {
      count = (count + 1) >>> 0;
      return `1-${seconds}-${own}${(count + 0x1_0000_0000).toString(16).slice(1)}`;
    },
    every(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop: () => clearInterval(timer),
  };
}
