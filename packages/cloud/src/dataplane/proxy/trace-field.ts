/**
 * What a request's `X-Amzn-Trace-Id` says when it is handed on: a new root, or beside the one that it came with its own.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
 */
export function traceField(came: string | undefined, own: string): string {
  if (came === undefined) return `Root=${own}`;
  return came.includes("Root=") ? `Self=${own};${came}` : `Self=${own};Root=${own};${came}`;
}
