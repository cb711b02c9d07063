import { json as readJson } from "node:stream/consumers";
import { TrysailError } from "@trysail/core";
import type { Context } from "../../kernel/context.ts";
import type { Route } from "../../kernel/service.ts";
import type { HttpResponse } from "../../wire/http.ts";
import { withoutCredentials } from "../../runtime/git/source.ts";
import { isRepositoryName, keyOf, repositoryPath } from "./model.ts";
import type { Repository } from "./model.ts";
import { tables } from "./store.ts";

const base = "/_trysail/repositories";

/**
 * What `trysail repo` calls: `GET /_trysail/repositories` lists, `POST` with `{name, from?, token?}` adds, and
 * `DELETE /_trysail/repositories/OWNER/NAME` removes. Errors are `{error: {code, message, next?}}`.
 */
export const managementRoute: Route = {
  needsKey: true,
  name: "repositories",
  match({ path }) {
    if (path !== base && !path.startsWith(`${base}/`)) return undefined;
    return { parameters: { name: path.slice(base.length + 1) } };
  },
  async handle(ctx, request, { parameters }) {
    const { name = "" } = parameters;
    const asked = `${request.method} ${name === "" ? "all" : "one"}`;
    try {
      switch (asked) {
        case "GET all":
          return answer(200, { repositories: await list(ctx) });
        case "POST all":
          return answer(201, await add(ctx, await bodyOf(request.body)));
        case "DELETE one":
          await remove(ctx, name);
          return answer(200, {});
        default:
          return failure(405, { code: "method-not-allowed", message: `${request.method} means nothing here.` });
      }
    } catch (error) {
      if (!(error instanceof TrysailError) || error.fault !== "user") throw error;
      const { code, message, next } = error;
      return failure(code === "repository-not-found" ? 404 : 400, {
        code,
        message,
        ...(next === undefined ? {} : { next }),
      });
    }
  },
};

/** A repository as it is told to the CLI. */
interface RepositoryDescription {
  readonly name: string;
  /** What to push to and clone from. */
  readonly url: string;
  /** Undefined while nothing was pushed. */
  readonly defaultBranch: string | undefined;
  readonly createdAt: string;
  readonly from: string | undefined;
}

async function describe(ctx: Context, { name, createdAt, from }: Repository): Promise<RepositoryDescription> {
  const { head, refs } = await ctx.host.git.refs(repositoryPath(name));
  const defaultBranch = head !== undefined && refs.has(head) ? head.replace("refs/heads/", "") : undefined;
  return {
    name,
    url: `${ctx.host.endpoint}/git/${name}.git`,
    defaultBranch,
    createdAt: new Date(createdAt).toISOString(),
    from,
  };
}

function list(ctx: Context): Promise<RepositoryDescription[]> {
  return Promise.all([...ctx.table(tables.repositories).values()].map((repository) => describe(ctx, repository)));
}

interface AddRequest {
  readonly name: string;
  readonly from?: string;
  readonly token?: string;
}

async function bodyOf(body: NodeJS.ReadableStream): Promise<AddRequest> {
  const wrong = (message: string) => new TrysailError("invalid-request", message, { fault: "user" });
  const given: unknown = await readJson(body).catch(() => undefined);
  if (typeof given !== "object" || given === null) throw wrong("The request is not a JSON object.");
  const { name, from, token } = given as Readonly<Record<string, unknown>>;
  if (typeof name !== "string") throw wrong("The request names no repository.");
  for (const [member, value] of Object.entries({ from, token })) {
    if (value !== undefined && typeof value !== "string") throw wrong(`"${member}" is not a text.`);
  }
  return given as AddRequest;
}

async function add(ctx: Context, { name, from, token }: AddRequest): Promise<RepositoryDescription> {
  if (!isRepositoryName(name)) {
    throw new TrysailError("invalid-repository-name", `"${name}" is not the name of a repository.`, {
      fault: "user",
      next: "Give the owner and the name, as in acme/website: letters, digits, dots, underscores and dashes.",
    });
  }
  const repositories = ctx.table(tables.repositories);
  const existing = repositories.get(keyOf(name));
  if (existing !== undefined) {
    if (from === undefined) return describe(ctx, existing);
    throw new TrysailError("repository-exists", `The repository ${name} is there already.`, {
      fault: "user",
      next: "Push to it, or remove it first.",
    });
  }
  const { git } = ctx.host;
  const path = repositoryPath(name);
  // Left by an adding or removing that was interrupted: nobody was told of it.
  await git.remove(path);
  if (from === undefined) await git.create(path, "main");
  else await git.mirror(path, { url: from, ...(token === undefined ? {} : { token }) });
  // What it is seeded with is not a push.
  const { refs } = await git.refs(path);
  const added: Repository = { name, createdAt: ctx.now, from: from && withoutCredentials(from) };
  ctx.transaction(() => {
    ctx.table(tables.announced).put(keyOf(name), { refs, version: 1 });
    repositories.put(keyOf(name), added);
  });
  return describe(ctx, added);
}

async function remove(ctx: Context, name: string): Promise<void> {
  const removed = ctx.transaction(() => {
    ctx.table(tables.announced).delete(keyOf(name));
    return ctx.table(tables.repositories).delete(keyOf(name));
  });
  if (!removed) throw new TrysailError("repository-not-found", `There is no repository ${name}.`, { fault: "user" });
  await ctx.host.git.remove(repositoryPath(name));
}

function answer(status: number, body: object): HttpResponse {
  return { status, headers: { "content-type": "application/json" }, body: Buffer.from(`${JSON.stringify(body)}\n`) };
}

function failure(
  status: number,
  error: { readonly code: string; readonly message: string; readonly next?: string },
): HttpResponse {
  return answer(status, { error });
}
