import type { Millis } from "@trysail/core";
import type { RefUpdate } from "../../runtime/git-repositories.ts";
import { referenceChange } from "../../runtime/git/reference-changes.ts";
import type { CloudEvent } from "../../kernel/context.ts";

/** A repository that stands in for `owner/name` of GitHub, GitLab or Bitbucket. */
export interface Repository {
  /** `owner/name` */
  readonly name: string;
  readonly createdAt: Millis;
  /** Where its first content came from: a URL or folder, without credentials. */
  readonly from: string | undefined;
}

/** Whether a text is `owner/name`, in letters that all hosts allow. */
export function isRepositoryName(text: string): boolean {
  return (
    /^[\w.][\w.-]{0,99}\/[\w.][\w.-]{0,99}$/.test(text) &&
    !text.split("/").some((part) => /^\.+$|\.(git|lock)$/i.test(part))
  );
}

/** Names that differ by case only are the same repository, as on GitHub. */
export function keyOf(name: string): string {
  return name.toLowerCase();
}

/** Where it lies among the git repositories. CodePipeline looks there for a source before it goes to the real host. */
export function repositoryPath(name: string): string {
  return `github/${name}`;
}

/** What a request to the git address of a repository is for. */
export function parseGitPath(path: string): { readonly name: string; readonly subPath: string } | undefined {
  const match =
    /^\/git\/(?<owner>[^/]+)\/(?<repository>[^/]+?)(\.git)?\/(?<subPath>info\/refs|git-upload-pack|git-receive-pack)$/.exec(
      path,
    );
  if (match?.groups === undefined) return undefined;
  const { owner = "", repository = "", subPath = "" } = match.groups;
  return { name: `${owner}/${repository}`, subPath };
}

/** The events that tell of a push; none for refs that are neither branches nor tags. */
export function pushEvents(name: string, updates: readonly RefUpdate[]): CloudEvent[] {
  return updates.flatMap((update): CloudEvent[] => {
    const change = referenceChange(update);
    if (change === undefined) return [];
    return [
      { source: "trysail.git", detailType: "Repository State Change", detail: { ...change, fullRepositoryName: name } },
    ];
  });
}
