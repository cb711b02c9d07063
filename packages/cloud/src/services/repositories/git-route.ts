import type { Route } from "../../kernel/service.ts";
import { keyOf, parseGitPath, repositoryPath } from "./model.ts";
import { announcePushes, tables } from "./store.ts";

/** Clones of, and pushes to, `http://127.0.0.1:4566/git/OWNER/NAME.git`, with or without `.git`. Any credentials do, unless a key is demanded. */
export const gitRoute: Route = {
  needsKey: true,
  name: "git",
  match({ path }) {
    const asked = parseGitPath(path);
    return asked && { parameters: asked };
  },
  async handle(ctx, request, { parameters }) {
    const { name = "", subPath = "" } = parameters;
    if (!ctx.table(tables.repositories).has(keyOf(name))) {
      // As plain text, which git shows to its user.
      const text = `Trysail has no repository ${name}. To add it, run: trysail repo add ${name}\n`;
      return { status: 404, headers: { "content-type": "text/plain; charset=utf-8" }, body: Buffer.from(text) };
    }
    return ctx.host.git.serve(repositoryPath(name), subPath, request, () => announcePushes(ctx, keyOf(name)));
  },
};
