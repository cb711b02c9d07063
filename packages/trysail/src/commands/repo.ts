import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { dataFolderOf } from "../connection.ts";
import { exitCodes } from "../exit-codes.ts";
import { requireInstance } from "../instance/instance.ts";
import { addRepository as add, listRepositories as list } from "../repositories.ts";
import { inColumns } from "../terminal/columns.ts";
import { processTerminal } from "../terminal/terminal.ts";

interface RepoOptions {
  readonly data?: string;
  readonly json?: boolean;
}

/** `trysail repo add`: the push URL alone is on the standard output, so that it can be used in a command. */
export async function addRepository(name: string, options: RepoOptions & { readonly from?: string }): Promise<number> {
  const terminal = processTerminal({ isQuiet: options.json === true });
  const instance = await requireInstance(await dataFolderOf(options.data));
  const { from } = options;
  if (from !== undefined) terminal.note(`Cloning ${from}.`);
  // The server has another current folder than we.
  const source = from !== undefined && existsSync(from) ? resolve(from) : from;
  const repository = await add(instance, name, source, process.env["TRYSAIL_GIT_TOKEN"]);
  terminal.line(options.json === true ? JSON.stringify(repository) : repository.url);
  terminal.note(`Push to it with: git push ${repository.url} ${repository.defaultBranch ?? "main"}`);
  return exitCodes.ok;
}

/** `trysail repo list` */
export async function listRepositories(options: RepoOptions): Promise<number> {
  const { line, note, style } = processTerminal();
  const repositories = await list(await requireInstance(await dataFolderOf(options.data)));
  if (options.json === true) {
    line(JSON.stringify(repositories));
    return exitCodes.ok;
  }
  if (repositories.length === 0) note("There are no repositories yet. Add one with: trysail repo add OWNER/NAME");
  const rows = repositories.map(({ name, url, defaultBranch }) => [style.bold(name), defaultBranch ?? "(empty)", url]);
  for (const row of inColumns(rows)) line(row);
  return exitCodes.ok;
}
