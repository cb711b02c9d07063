import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";

/** Where the repositories of hosts lie that were added to Trysail; pushes to them start pipelines. */
const addedPath = (name: string) => `github/${name}`;
/** Copies of repositories that were not added, fetched anew for each execution. */
const copiedPath = (host: string, name: string) => `mirrors/${host}/${name}`;

const hosts: Readonly<Record<string, string>> = {
  GitHub: "github.com",
  Bitbucket: "bitbucket.org",
  GitLab: "gitlab.com",
};

/** Where a host's repository can be read: as it was added to Trysail, else as a fresh copy from the host itself. */
export async function connectedRepository(
  ctx: Context,
  name: string,
  provider: string,
  token: string | undefined,
): Promise<{ readonly path: string; readonly originUrl: string }> {
  const { git, endpoint } = ctx.host;
  // Hosts do not tell upper from lower case.
  for (const added of [name, name.toLowerCase()]) {
    if (await git.exists(addedPath(added)))
      return { path: addedPath(added), originUrl: `${endpoint}/git/${added}.git` };
  }
  const host = hosts[provider] ?? "github.com";
  const originUrl = `https://${host}/${name}`;
  const path = copiedPath(host, name);
  await git.mirror(path, { url: originUrl, ...(token === undefined ? {} : { token }) });
  return { path, originUrl };
}

/** The host behind a connection. One that Trysail does not know may be of a real account: GitHub is the likeliest. */
export async function connectionProvider(ctx: Context, arn: string): Promise<string> {
  try {
    const { Connection: connection } = await ctx.call["codestar-connections"].getConnection({ ConnectionArn: arn });
    return connection?.ProviderType ?? "GitHub";
  } catch (error) {
    if (isAwsError(error)) return "GitHub";
    throw error;
  }
}
