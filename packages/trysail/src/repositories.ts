import { TrysailError } from "@trysail/core";
import { accessKeyOf } from "./environment/environment-files.ts";
import type { Instance } from "./instance/instance.ts";

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
  return (await ask(instance, { method: "POST", body: JSON.stringify({ name, from, token }) })) as Repository;
}

export async function listRepositories(instance: Instance): Promise<readonly Repository[]> {
  return ((await ask(instance, { method: "GET" })) as { readonly repositories: readonly Repository[] }).repositories;
}

async function ask({ endpoint, data }: Instance, request: RequestInit): Promise<unknown> {
  const { accessKeyId, secretAccessKey } = await accessKeyOf(data);
  const authorization = `Basic ${Buffer.from(`${accessKeyId}:${secretAccessKey}`).toString("base64")}`;
  const response = await fetch(`${endpoint}/_trysail/repositories`, { ...request, headers: { authorization } });
  const text = await response.text();
  if (response.ok) return JSON.parse(text);
  const { code, message, next } = failureIn(text, response.status);
  throw new TrysailError(code, message, { fault: "user", ...(next === undefined ? {} : { next }) });
}

function failureIn(
  text: string,
  status: number,
): { readonly code: string; readonly message: string; readonly next?: string } {
  try {
    return (JSON.parse(text) as { readonly error: { readonly code: string; readonly message: string } }).error;
  } catch {
    return { code: "request-failed", message: `Trysail answered ${status}: ${text.trim().slice(0, 500)}` };
  }
}
