import type { Context } from "../../../kernel/context.ts";
import type { Route } from "../../../kernel/service.ts";
import type { Code } from "../model.ts";
import { tables } from "../store.ts";

const prefix = "/_trysail/lambda/packages/";

/** Where a package can be downloaded. Its name, which nobody guesses, is what AWS's signature is. */
export function packageUrl(ctx: Pick<Context, "host">, { blob }: Code): string {
  return `${ctx.host.endpoint}${prefix}${blob}`;
}

/** Gives away packages by their links. */
export const packages: Route = {
  name: "packages",
  match({ method, path }) {
    return method === "GET" && path.startsWith(prefix)
      ? { parameters: { blob: path.slice(prefix.length) } }
      : undefined;
  },
  async handle(ctx, _request, { parameters }) {
    const blob = parameters["blob"] ?? "";
    if (!ctx.table(tables.usedBlobs).has(blob))
      return {
        status: 404,
        headers: { "content-type": "text/plain" },
        body: Buffer.from("There is no such package.\n"),
      };
    return { status: 200, headers: { "content-type": "application/zip" }, body: await ctx.host.blobs.readAll(blob) };
  },
};
