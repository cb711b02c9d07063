import type { Context } from "../../kernel/context.ts";
import { announceMovedRefs } from "../../runtime/git/reference-changes.ts";
import type { AnnouncedRefs } from "../../runtime/git/reference-changes.ts";
import { table } from "../../store/table.ts";
import { errors } from "./errors.ts";
import { changeEvents, repositoryPath } from "./model.ts";
import type { Repository } from "./model.ts";

export const tables = {
  /** By name. */
  repositories: table<string, Repository>("repositories"),
  /** By the repository's id. */
  announced: table<string, AnnouncedRefs>("announced"),
};

/** @throws AwsError `InvalidRepositoryNameException`, `RepositoryDoesNotExistException` */
export function findRepository(ctx: Context, name: string): Repository {
  checkRepositoryName(name);
  const found = ctx.table(tables.repositories).get(name);
  if (found === undefined) throw errors.RepositoryDoesNotExistException(`${name} does not exist`);
  return found;
}

/** @throws AwsError `InvalidRepositoryNameException` */
export function checkRepositoryName(name: string): void {
  if (!/^[\w.-]{1,100}$/.test(name) || name.endsWith(".git")) {
    throw errors.InvalidRepositoryNameException(
      "The repository name is not valid. Repository names can be any valid combination of letters, numbers, periods, underscores, and dashes between 1 and 100 characters in length. Names cannot end in .git.",
    );
  }
}

export function saveRepository(ctx: Context, repository: Repository): void {
  ctx.table(tables.repositories).put(repository.name, repository);
}

/** Emits what has moved and not been told of yet, and remembers the first branch as the default. */
export async function announceChanges(ctx: Context, id: string): Promise<void> {
  let head: string | undefined;
  const readRefs = async () => {
    const read = await ctx.host.git.refs(repositoryPath(ctx, { id }));
    head = read.head !== undefined && read.refs.has(read.head) ? read.head.replace("refs/heads/", "") : undefined;
    return read.refs;
  };
  await announceMovedRefs(ctx, ctx.table(tables.announced), id, readRefs, (updates) => {
    // By id: it may have been renamed while git was at work.
    const repository = [...ctx.table(tables.repositories).values()].find((one) => one.id === id);
    if (repository === undefined) return;
    saveRepository(ctx, { ...repository, changedAt: ctx.now, defaultBranch: repository.defaultBranch ?? head });
    for (const event of changeEvents(ctx, repository, updates)) ctx.emit(event);
  });
}
