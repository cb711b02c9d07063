import { partitionOf } from "@trysail/core";
import type { Millis } from "@trysail/core";
import type { CloudEvent, Context } from "../../kernel/context.ts";
import type { RefUpdate } from "../../runtime/git-repositories.ts";
import { referenceChange } from "../../runtime/git/reference-changes.ts";

/** A repository. Its git repository is named by its id, so that it keeps it when it is renamed. */
export interface Repository {
  /** A UUID. */
  readonly id: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly kmsKeyId: string | undefined;
  /** Undefined while it has no branch. */
  readonly defaultBranch: string | undefined;
  readonly createdAt: Millis;
  readonly changedAt: Millis;
  readonly tags: Readonly<Record<string, string>>;
}

/** Quotas. @see https://docs.aws.amazon.com/codecommit/latest/userguide/limits.html */
export const maxFileEntries = 100;
export const maxFileSizeBytes = 6 * 1024 * 1024;
export const maxBlobSizeBytes = 20 * 1024 * 1024;

type Place = Pick<Context, "account" | "region">;

/** `arn:aws:codecommit:eu-west-1:123456789012:name` */
export function repositoryArn({ account, region }: Place, name: string): string {
  return `arn:${partitionOf(region)}:codecommit:${region}:${account}:${name}`;
}

/** The name in an ARN of this account and region. */
export function parseRepositoryArn(place: Place, arn: string): string | undefined {
  const prefix = repositoryArn(place, "");
  return arn.startsWith(prefix) ? arn.slice(prefix.length) : undefined;
}

/** Where it lies among the git repositories. */
export function repositoryPath({ account, region }: Place, { id }: Pick<Repository, "id">): string {
  return `codecommit/${account}/${region}/${id}`;
}

export const defaultAccount = "000000000000";

/**
 * What to clone from and push to. AWS has the region in the host's name and finds the account by the caller's
 * credentials; here both are in the path, and the default account is left out.
 */
export function cloneUrl({ account, region }: Place, endpoint: string, name: string): string {
  return `${endpoint}/codecommit/${region}${account === defaultAccount ? "" : `/${account}`}/v1/repos/${name}`;
}

/** What a request to the git address of a repository is for. */
export function parseGitPath(
  path: string,
): { readonly account: string; readonly region: string; readonly name: string; readonly subPath: string } | undefined {
  const match =
    /^\/codecommit\/(?<region>[a-z0-9-]+)(\/(?<account>\d{12}))?\/v1\/repos\/(?<name>[\w.-]+)\/(?<subPath>info\/refs|git-upload-pack|git-receive-pack)$/.exec(
      path,
    );
  if (match?.groups === undefined) return undefined;
  const { account = defaultAccount, region = "", name = "", subPath = "" } = match.groups;
  return { account, region, name, subPath };
}

/**
 * The events that tell of a push, or of a call that moved branches.
 *
 * @see https://docs.aws.amazon.com/codecommit/latest/userguide/monitoring-events.html
 */
export function changeEvents(
  ctx: Place & Pick<Context, "principal">,
  repository: Repository,
  updates: readonly RefUpdate[],
): CloudEvent[] {
  return updates.flatMap((update): CloudEvent[] => {
    const change = referenceChange(update);
    if (change === undefined) return [];
    const { commitId, ...rest } = change;
    const detail = {
      ...(ctx.principal.arn === "" ? {} : { callerUserArn: ctx.principal.arn }),
      ...rest,
      // A deleted branch has no commit any more, only the one that it had.
      ...(change.event === "referenceDeleted" ? {} : { commitId }),
      repositoryId: repository.id,
      repositoryName: repository.name,
    };
    const resources = [repositoryArn(ctx, repository.name)];
    return [{ source: "aws.codecommit", detailType: "CodeCommit Repository State Change", resources, detail }];
  });
}
