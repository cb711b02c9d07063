import type { Route } from "../../kernel/service.ts";
import { parseGitPath, repositoryPath } from "./model.ts";
import { announceChanges, tables } from "./store.ts";

/** Clones of, and pushes to, `cloneUrlHttp`. Any git credentials do. */
export const gitRoute: Route = {
  needsKey: true,
  name: "git",
  match({ path }) {
    const asked = parseGitPath(path);
    return (
      asked && {
        account: asked.account,
        region: asked.region,
        parameters: { name: asked.name, subPath: asked.subPath },
      }
    );
  },
  async handle(ctx, request, { parameters }) {
    const { name = "", subPath = "" } = parameters;
    const repository = ctx.table(tables.repositories).get(name);
    if (repository === undefined) {
      // As plain text, which git shows to its user.
      const text = `CodeCommit has no repository ${name} in ${ctx.region}. To create it, run: aws codecommit create-repository --repository-name ${name}\n`;
      return { status: 404, headers: { "content-type": "text/plain; charset=utf-8" }, body: Buffer.from(text) };
    }
    return ctx.host.git.serve(repositoryPath(ctx, repository), subPath, request, () =>
      announceChanges(ctx, repository.id),
    );
  },
};
