import type { Instance } from "./instance/instance.ts";
import { askInstance } from "./instance/management.ts";

/** A git repository that Trysail serves. */
export interface Repository {
  /** `owner/name` */
  readonly name: string;
  /** What to push to and clone from. */
  readonly url: string;
  /** Absent while nothing was pushed. */
  readonly defaultBranch?: string;
  readonly createdAt: string;
  readonly from?: string;
}

/** @param from - a URL or an absolute path */
export async function addRepository(
  instance: Instance,
  name: string,
  from: string | undefined,
  token?: string,
): Promise<Repository> {
  return (await askInstance(instance, "repositories", {
    method: "POST",
    body: JSON.stringify({ name, from, token }),
  })) as Repository;
}

export async function listRepositories(instance: Instance): Promise<readonly Repository[]> {
  return ((await askInstance(instance, "repositories")) as { readonly repositories: readonly Repository[] })
    .repositories;
}
