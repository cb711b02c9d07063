import picomatch from "picomatch";
import type { GitPushFilter } from "@aws-sdk/client-codepipeline";
import { runOrderGroups } from "./definition.ts";
import type { Action, Complete, Definition } from "./definition.ts";

/** A branch or tag that a push has created or moved. */
export interface PushedReference {
  /** `connected`: a repository of GitHub or another host, by its full name. */
  readonly host: "codecommit" | "connected";
  /** `owner/name`, or the name of a CodeCommit repository. */
  readonly repository: string;
  readonly reference: "branch" | "tag";
  /** `main`, `v1.0` */
  readonly name: string;
}

/** That a pipeline wants to hear of a push, and through what. */
export type Interest =
  | {
      readonly by: "connection";
      readonly action: Action;
      readonly filters: readonly Complete<GitPushFilter>[] | undefined;
    }
  | { readonly by: "polling"; readonly action: Action }
  /** A GitHub source that does not poll: its webhook's filters decide. */
  | { readonly by: "webhook"; readonly action: Action };

export function sourceActions(definition: Definition): readonly Action[] {
  const [first] = definition.stages;
  return first === undefined ? [] : runOrderGroups(first).flat();
}

/** The source actions that a push concerns. Filters that name file paths are still to be applied. */
export function interestsIn(definition: Definition, pushed: PushedReference): readonly Interest[] {
  return sourceActions(definition).flatMap((action): Interest[] => {
    const { configuration = {} } = action;
    const value = (key: string) => configuration?.[key];
    const isOnBranch = (branch: string | undefined) => pushed.reference === "branch" && pushed.name === branch;
    switch (action.actionTypeId.provider) {
      case "CodeStarSourceConnection": {
        if (pushed.host !== "connected" || value("FullRepositoryId")?.toLowerCase() !== pushed.repository.toLowerCase())
          return [];
        const trigger = definition.triggers?.find(
          ({ gitConfiguration }) => gitConfiguration.sourceActionName === action.name,
        );
        if (trigger !== undefined) {
          const { push, pullRequest } = trigger.gitConfiguration;
          if (push === undefined && pullRequest !== undefined) return [];
          if (push !== undefined || !isOnBranch(value("BranchName")))
            return push === undefined ? [] : [{ by: "connection", action, filters: push }];
          return [{ by: "connection", action, filters: undefined }];
        }
        return value("DetectChanges") !== "false" && isOnBranch(value("BranchName"))
          ? [{ by: "connection", action, filters: undefined }]
          : [];
      }
      case "GitHub":
        if (
          pushed.host !== "connected" ||
          `${value("Owner")}/${value("Repo")}`.toLowerCase() !== pushed.repository.toLowerCase()
        )
          return [];
        if (!isOnBranch(value("Branch"))) return [];
        return [{ by: value("PollForSourceChanges") === "false" ? "webhook" : "polling", action }];
      case "CodeCommit": {
        const isWatched =
          pushed.host === "codecommit" &&
          value("RepositoryName") === pushed.repository &&
          isOnBranch(value("BranchName"));
        return isWatched && value("PollForSourceChanges") !== "false" ? [{ by: "polling", action }] : [];
      }
      default:
        return [];
    }
  });
}

/** Whether a push passes one of the filters; without any it does. */
export function passesFilters(
  filters: readonly Complete<GitPushFilter>[] | undefined,
  pushed: Pick<PushedReference, "reference" | "name">,
  changedFiles: readonly string[],
): boolean {
  if (filters === undefined) return true;
  return filters.some(({ tags, branches, filePaths }) => {
    if (tags !== undefined) return pushed.reference === "tag" && isIncluded(tags, pushed.name);
    if (pushed.reference !== "branch") return false;
    if (branches !== undefined && !isIncluded(branches, pushed.name)) return false;
    return filePaths === undefined || changedFiles.some((file) => isIncluded(filePaths, file));
  });
}

interface Patterns {
  readonly includes?: readonly string[] | undefined;
  readonly excludes?: readonly string[] | undefined;
}

/** Globs; what is excluded is so even if it is included too. @see https://docs.aws.amazon.com/codepipeline/latest/userguide/syntax-glob.html */
export function isIncluded({ includes, excludes }: Patterns, text: string): boolean {
  const matches = (patterns: readonly string[]) =>
    patterns.some((pattern) => picomatch.isMatch(text, pattern, { dot: true }));
  if (excludes !== undefined && matches(excludes)) return false;
  return includes === undefined || includes.length === 0 || matches(includes);
}
