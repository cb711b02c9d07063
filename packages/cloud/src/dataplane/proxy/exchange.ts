/** One request and its answer, from the client's connection's point of view. */
export interface Exchange {
  /** Whether the request has been read to its end: what comes now is the next one. */
  readonly isRequestRead: boolean;
  /** @returns where the request's part of the piece ends */
  requestData(piece: Buffer, start: number, end: number): number;
  /** The client has gone. */
  abandon(): void;
  /** Nothing has happened for as long as the balancer waits. */
  timedOut(): void;
}
