import type { Git } from "./command.ts";
import { lastLine } from "./command.ts";
import { fetchSource, unreachable, withoutCredentials } from "./source.ts";

/**
 * Makes the branches, tags and HEAD of a bare repository those of another one.
 *
 * @throws TrysailError `repository-unreachable` (fault: user)
 */
export async function fetchInto(
  git: Git,
  folder: string,
  from: { readonly url: string; readonly token?: string },
): Promise<void> {
  const source = fetchSource(from);
  const { environment } = source;
  const fetching = ["fetch", "--quiet", "--prune", "--force", "--no-tags", "--no-write-fetch-head", source.location];
  const refspecs = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];
  const [fetched, head] = await Promise.all([
    git.run([...source.options, "--git-dir", folder, ...fetching, ...refspecs], { environment }),
    git.run([...source.options, "ls-remote", "--symref", source.location, "HEAD"], { environment }),
  ]);
  if (fetched.code !== 0) {
    throw unreachable(source.location, withoutCredentials(lastLine(fetched.stderr) ?? "git was ended by a signal"));
  }
  const named = /^ref: (?<ref>refs\/heads\/\S+)\tHEAD$/m.exec(head.stdout.toString("utf8"))?.groups?.ref;
  if (named !== undefined) await git.output(["--git-dir", folder, "symbolic-ref", "HEAD", named]);
}
