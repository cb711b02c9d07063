import type { ProjectSource } from "@aws-sdk/client-codebuild";
import { messageOf } from "@trysail/core";
import { mkdir, open, rename } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { repositoryPath as gitHubPath } from "../../repositories/model.ts";
import { repositoryPath as codeCommitPath } from "../../codecommit/model.ts";
import { tables } from "../store.ts";
import { unpack } from "./archive.ts";
import { download, splitLocation } from "./objects.ts";
import { PhaseProblem } from "./problem.ts";
import { scratchFile } from "./run.ts";
import type { Run } from "./run.ts";

/** Fetches a source into a folder. @returns the version that it got: a commit, or an object's version */
export async function fetchSource(
  run: Run,
  source: ProjectSource,
  version: string | undefined,
  folder: string,
): Promise<string | undefined> {
  const { type } = source;
  try {
    if (type === "NO_SOURCE") {
      await mkdir(folder, { recursive: true });
      return undefined;
    }
    if (type === "S3") return await fetchObject(run, source, version, folder);
    return await fetchRepository(run, source, version, folder);
  } catch (error) {
    if (error instanceof PhaseProblem) throw error;
    const which =
      source.sourceIdentifier === undefined ? "primary source" : `secondary source ${source.sourceIdentifier}`;
    throw new PhaseProblem(
      "CLIENT_ERROR",
      `${messageOf(error)} for ${which}${version === undefined ? "" : ` and source version ${version}`}`,
    );
  }
}

async function fetchObject(
  run: Run,
  { location = "" }: ProjectSource,
  version: string | undefined,
  folder: string,
): Promise<string | undefined> {
  const { ctx } = run;
  const { bucket, key } = splitLocation(location);
  await mkdir(folder, { recursive: true });
  if (key.endsWith("/")) {
    await fetchFolder(run, bucket, key, folder);
    return undefined;
  }
  const file = scratchFile(run, "source");
  // A pipeline's version is an ARN of the object: it names what the location names already.
  const objectVersion = version?.startsWith("arn:") === true || version === "" ? undefined : version;
  const got = await download(ctx, bucket, key, file, objectVersion);
  if (await isZip(file)) await unpack(file, folder);
  else await rename(file, join(folder, basename(key)));
  return got;
}

async function fetchFolder({ ctx }: Run, bucket: string, prefix: string, folder: string): Promise<void> {
  for (let token: string | undefined, first = true; first || token !== undefined; first = false) {
    const page = await ctx.call.s3.listObjectsV2({ Bucket: bucket, Prefix: prefix, ContinuationToken: token });
    for (const { Key: key = "" } of page.Contents ?? []) {
      const path = resolve(folder, key.slice(prefix.length));
      if (key.endsWith("/")) continue;
      if (!path.startsWith(folder + sep))
        throw new PhaseProblem("CLIENT_ERROR", `the object ${key} leads out of the source's folder`);
      await mkdir(dirname(path), { recursive: true });
      await download(ctx, bucket, key, path);
    }
    token = page.NextContinuationToken;
  }
}

/** Every zip archive begins so, also an empty one. */
async function isZip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return bytesRead === 4 && ["504b0304", "504b0506"].includes(buffer.toString("hex"));
  } finally {
    await handle.close();
  }
}

/** Host and `owner/name` of a repository's URL. */
function parseRepositoryUrl(url: string): { readonly host: string; readonly name: string } | undefined {
  const groups =
    /^(?:(?:https?|ssh|git):\/\/)?(?:[^@/]+@)?(?<host>[\w.-]+)(?::\d+)?[/:](?<name>[\w.-]+(?:\/[\w.-]+)+)$/.exec(
      url.replace(/\/$/, "").replace(/\.git$/, ""),
    )?.groups;
  return groups === undefined ? undefined : { host: groups["host"] ?? "", name: groups["name"] ?? "" };
}

async function fetchRepository(
  run: Run,
  source: ProjectSource,
  version: string | undefined,
  folder: string,
): Promise<string> {
  const { ctx } = run;
  const { git } = ctx.host;
  const { path, origin } = await findRepository(run, source);
  const { head, refs } = await git.refs(path);
  const wanted = (version ?? "").replace(/\^\{.*\}$/, "").replace(/^refs\/(heads|tags)\//, "");
  const revision = wanted === "" ? (head ?? "HEAD").replace(/^refs\/heads\//, "") : wanted;
  const pinned = /\^\{(?<id>[0-9a-f]{40})\}$/.exec(version ?? "")?.groups?.["id"];
  const commit = await git.commit(path, pinned ?? revision);
  if (commit === undefined) {
    throw new PhaseProblem(
      "CLIENT_ERROR",
      refs.size === 0
        ? `the repository ${source.location} is empty`
        : `reference not found for primary source and source version ${version ?? revision}`,
    );
  }
  await git.clone(path, pinned ?? revision, folder, origin);
  return commit.id;
}

/** Where a repository lies here: Trysail's own one of that name, or else a copy of the real one. */
async function findRepository(
  run: Run,
  { type, location = "" }: ProjectSource,
): Promise<{ readonly path: string; readonly origin: string }> {
  const { ctx } = run;
  const { git, endpoint } = ctx.host;
  if (type === "CODECOMMIT") {
    const repositoryName = /\/v1\/repos\/(?<name>[\w.-]+)$/.exec(location)?.groups?.["name"] ?? location;
    const { repositoryMetadata: found } = await ctx.call.codecommit.getRepository({ repositoryName });
    return { path: codeCommitPath(ctx, { id: found?.repositoryId ?? "" }), origin: found?.cloneUrlHttp ?? location };
  }
  const parsed = parseRepositoryUrl(location);
  if (parsed === undefined) throw new PhaseProblem("CLIENT_ERROR", `invalid repository location ${location}`);
  const own = gitHubPath(parsed.name);
  if (await git.exists(own)) return { path: own, origin: `${endpoint}/git/${parsed.name}.git` };
  const path = `mirrors/${parsed.host}/${parsed.name}`;
  const server =
    type === "GITLAB_SELF_MANAGED" || type === "GITHUB_ENTERPRISE"
      ? type
      : type === "GITLAB" || type === "BITBUCKET"
        ? type
        : "GITHUB";
  const credential = [...run.ctx.table(tables.credentials).values()].find(({ serverType }) => serverType === server);
  await git.mirror(path, { url: location, ...(credential !== undefined && { token: credential.token }) });
  return { path, origin: location };
}
