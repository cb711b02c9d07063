/** What SDK clients are made with. Without an endpoint and credentials, they are AWS's own as this process's environment says. */
export interface ClientConfig {
  readonly region: string;
  readonly endpoint?: string | undefined;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  /** Of each call. @defaultValue 3 */
  readonly maxAttempts?: number | undefined;
  /** Of each attempt. A region that is down must not keep the others waiting. @defaultValue 2 s */
  readonly connectionTimeoutMs?: number | undefined;
  /** Until the answer begins. @defaultValue 10 s */
  readonly requestTimeoutMs?: number | undefined;
}

/** What a worker calls itself, so that CloudTrail and logs tell whose calls they are. */
const userAgent = "trysail-worker";

/** How a client must be made, whatever it is of. */
export function sdkConfig({
  region,
  endpoint,
  credentials,
  maxAttempts = 3,
  connectionTimeoutMs = 2_000,
  requestTimeoutMs = 10_000,
}: ClientConfig) {
  return {
    region,
    maxAttempts,
    customUserAgent: userAgent,
    requestHandler: {
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      // Else it would be warned of only, and waited for as long as the region is silent.
      throwOnRequestTimeout: true,
    },
    // Of S3 alone: names of buckets are hosts of AWS, and of no other endpoint.
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === undefined ? {} : { credentials }),
  };
}
