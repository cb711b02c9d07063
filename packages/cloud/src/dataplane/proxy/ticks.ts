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

/** Bytes as they are written in ids. */
const hex: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function startTicks(): Ticks {
  const listeners = new Set<(now: number) => void>();
  let now = Date.now();
  let date = new Date(now).toUTCString();
  let seconds = "";
  let tracePrefix = "";
  let count = 0;
  let ticks = 0;
  // Unique by this worker's part and the counter, without asking for randomness each time.
  const own = randomBytes(8).toString("hex");
  const update = () => {
    now = Date.now();
    const stamp = Math.floor(now / 1000).toString(16);
    if (stamp === seconds) return;
    seconds = stamp;
    tracePrefix = `1-${stamp}-${own}`;
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
      return tracePrefix + hex[count >>> 24] + hex[(count >>> 16) & 255] + hex[(count >>> 8) & 255] + hex[count & 255];
    },
    every(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop: () => clearInterval(timer),
  };
}
