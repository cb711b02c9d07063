import { isIdempotent } from "../http/request-head.ts";

/** How a request failed at a target. */
export interface Failure {
  readonly method: string;
  /** Whether anything of it may have reached the target. */
  readonly sent: boolean;
  /** Whether anything of an answer has come. */
  readonly answered: boolean;
  /** Whether what was read of its body is still here. */
  readonly replayable: boolean;
}

/**
 * Whether a failed request may be sent to another target without being carried out twice: it never arrived, or doing it
 * twice asks for no more than doing it once.
 */
export const mayRetry = ({ method, sent, answered, replayable }: Failure): boolean =>
  !answered && replayable && (!sent || isIdempotent(method));
