/** @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const limits = {
  zippedBytes: 50 * 1024 ** 2,
  unzippedBytes: 250 * 1024 ** 2,
  syncPayloadBytes: 6_291_456,
  /** A response may be a little larger than a request. */
  syncResponseBytes: 6_291_556,
  asyncPayloadBytes: 1_048_576,
  variablesBytes: 4096,
  timeoutSeconds: 900,
  memoryMib: { least: 128, most: 10_240 },
  ephemeralStorageMib: { least: 512, most: 10_240 },
  layers: 5,
  concurrentExecutions: 1000,
  /** So much of the account's concurrency can never be reserved. */
  unreservedConcurrency: 100,
  /** An environment that has not asked for its first event by then has failed to start. */
  initMs: 10_000,
} as const;

/** Ours: AWS does not say how long it keeps an environment that is not used. */
export const idleEnvironmentMs = 5 * 60_000;
