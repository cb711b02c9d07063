import { request as plain } from "node:http";
import { request as secure } from "node:https";
import type { Context } from "../../../kernel/context.ts";
import { limits } from "../limits.ts";

/**
 * Posts a body to somebody outside.
 *
 * @returns the answer's status
 * @throws where there is no answer, or none in time
 */
export async function post(
  ctx: Context,
  endpoint: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<number> {
  const url = new URL(endpoint);
  const abort = new AbortController();
  const timer = ctx.timer(ctx.as({}).now + limits.answerMs, () =>
    abort.abort(new Error(`no answer within ${limits.answerMs} ms`)),
  );
  try {
    return await new Promise<number>((resolve, reject) => {
      const send = url.protocol === "https:" ? secure : plain;
      const signal = AbortSignal.any([ctx.signal, abort.signal]);
      const content = Buffer.from(body);
      const outgoing = send(url, {
        method: "POST",
        headers: { ...headers, "content-length": content.length },
        // A connection each: one that the other side has closed meanwhile would be a failure.
        agent: false,
        signal,
      });
      outgoing.on("error", (error) => reject(signal.aborted ? (signal.reason as Error) : error));
      outgoing.on("response", (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      outgoing.end(content);
    });
  } finally {
    timer.cancel();
  }
}
