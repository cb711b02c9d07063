import type { Readable } from "node:stream";
import type { Context } from "../../../kernel/context.ts";
import type { Route } from "../../../kernel/service.ts";
import { tables } from "../store.ts";
import { largestAnswerBytes } from "./request.ts";

/** In front of the account, the region and the answer's name. Our nodejs runtime knows it by this too. */
const prefix = "/_trysail/cloudformation/answers/";

/** Where a provider is to put its answer. */
export function answerUrl(ctx: Pick<Context, "host" | "account" | "region">, answerId: string): string {
  return `${ctx.host.endpoint}${prefix}${ctx.account}/${ctx.region}/${answerId}`;
}

async function read(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += (chunk as Buffer).length;
    // One byte more than allowed is enough to find it too long.
    if (bytes <= largestAnswerBytes) chunks.push(chunk as Buffer);
  }
  return bytes > largestAnswerBytes ? " ".repeat(largestAnswerBytes + 1) : Buffer.concat(chunks).toString();
}

const plain = (status: number, text: string) => ({
  status,
  headers: { "content-type": "text/plain; charset=utf-8" },
  body: Buffer.from(text),
});

/** Takes answers of custom resources' providers: in AWS it is an object of S3's that is put by a presigned URL. */
export const customAnswers: Route = {
  name: "custom-answers",
  match({ path }) {
    const groups = /^(?<account>\d{12})\/(?<region>[a-z0-9-]+)\/(?<id>[0-9a-f]+)$/.exec(
      path.startsWith(prefix) ? path.slice(prefix.length) : "",
    )?.groups;
    if (groups === undefined) return undefined;
    const { account = "", region = "", id = "" } = groups;
    return { account, region, parameters: { id } };
  },
  async handle(ctx, request, { parameters }) {
    if (request.method !== "PUT") return plain(405, "Put the answer here.\n");
    const text = await read(request.body);
    const isTaken = ctx.transaction(() => {
      const requests = ctx.table(tables.customRequests);
      const key = ctx.table(tables.customAnswers).get(parameters["id"] ?? "");
      const asked = key === undefined ? undefined : requests.get(key);
      if (key === undefined || asked === undefined) return false;
      if (asked.answer === undefined) requests.put(key, { ...asked, answer: text });
      return true;
    });
    return isTaken ? plain(200, "") : plain(403, "Nobody waits for this answer.\n");
  },
};
