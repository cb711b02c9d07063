import type { CreateProjectInput, Project } from "@aws-sdk/client-codebuild";
import { rm } from "node:fs/promises";
import type { Context } from "../../../kernel/context.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { limits, projectNameOf } from "../model.ts";
import type { StoredProject } from "../model.ts";
import { cachePrefix, localCacheFolder } from "../runner/cache.ts";
import type { Sdk } from "../sdk.ts";
import { activeBuilds, arnOf, findProject, tables } from "../store.ts";
import { checkArtifacts, checkEnvironment, checkMinutes, checkSource, isInlineBuildspec } from "../validation.ts";

const projectsPerPage = 100;

/** Without what is ours. */
function show(stored: StoredProject): Project {
  const { lastNumber, ...project } = stored;
  void lastNumber;
  return project;
}

/** Checks what a request gives; what it leaves out is not looked at. @throws AwsError `InvalidInputException` */
function check(given: Partial<CreateProjectInput>): void {
  for (const source of [given.source, ...(given.secondarySources ?? [])])
    if (source !== undefined) checkSource(source, "project");
  for (const artifacts of [given.artifacts, ...(given.secondaryArtifacts ?? [])])
    if (artifacts !== undefined) checkArtifacts(artifacts, "project");
  if (
    given.source?.type === "NO_SOURCE" &&
    given.source.buildspec !== undefined &&
    !isInlineBuildspec(given.source.buildspec)
  ) {
    throw errors.InvalidInputException(
      "Invalid project source: a source of type NO_SOURCE needs a buildspec that is given inline.",
    );
  }
  if (given.environment !== undefined) checkEnvironment(given.environment);
  if (given.cache?.type === "S3" && !given.cache.location)
    throw errors.InvalidInputException("Invalid cache: location must not be empty.");
  checkMinutes("timeoutInMinutes", given.timeoutInMinutes, limits.timeoutMinutes);
  checkMinutes("queuedTimeoutInMinutes", given.queuedTimeoutInMinutes, limits.queuedTimeoutMinutes);
  if (given.concurrentBuildLimit !== undefined && given.concurrentBuildLimit !== -1 && given.concurrentBuildLimit < 1) {
    throw errors.InvalidInputException("Invalid concurrentBuildLimit: it must be at least 1.");
  }
  if ((given.fileSystemLocations ?? []).length > 0)
    throw errors.InvalidInputException("Trysail mounts no file systems: leave out fileSystemLocations.");
}

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html */
export const createProject: Handler<Sdk, "createProject"> = (ctx, input) => {
  const { name, badgeEnabled, ...given } = input;
  if (!/^[A-Za-z0-9][A-Za-z0-9\-_]{1,149}$/.test(name)) {
    throw errors.InvalidInputException(
      `Invalid project name: ${name}. It must be 2 to 150 letters, digits, hyphens and underscores.`,
    );
  }
  check(input);
  const projects = ctx.table(tables.projects);
  if (projects.has(name))
    throw errors.ResourceAlreadyExistsException(`Project already exists: ${arnOf(ctx, `project/${name}`)}`);
  const project: StoredProject = {
    ...given,
    name,
    arn: arnOf(ctx, `project/${name}`),
    cache: given.cache ?? { type: "NO_CACHE" },
    timeoutInMinutes: given.timeoutInMinutes ?? limits.timeoutMinutes.default,
    queuedTimeoutInMinutes: given.queuedTimeoutInMinutes ?? limits.queuedTimeoutMinutes.default,
    encryptionKey: given.encryptionKey ?? `arn:aws:kms:${ctx.region}:${ctx.account}:alias/aws/s3`,
    created: new Date(ctx.now),
    lastModified: new Date(ctx.now),
    badge: { badgeEnabled: badgeEnabled ?? false },
    tags: given.tags ?? [],
    lastNumber: 0,
  };
  projects.put(name, project);
  return { project: show(project) };
};

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_UpdateProject.html */
export const updateProject: Handler<Sdk, "updateProject"> = (ctx, input) => {
  const { name, badgeEnabled, ...given } = input;
  const before = findProject(ctx, name);
  check(input);
  const changes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const project: StoredProject = {
    ...before,
    ...changes,
    ...(badgeEnabled !== undefined && { badge: { badgeEnabled } }),
    // As AWS has it: -1 takes the limit away.
    ...(given.concurrentBuildLimit === -1 && { concurrentBuildLimit: undefined }),
    lastModified: new Date(ctx.now),
  };
  ctx.table(tables.projects).put(before.name, project);
  // Those that wait may have their turn now: written as they are, they are looked at.
  for (const queued of activeBuilds(ctx, before.name, "queued")) ctx.table(tables.builds).put(queued.build.id, queued);
  return { project: show(project) };
};

/** The builds stay. @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_DeleteProject.html */
export const deleteProject: Handler<Sdk, "deleteProject"> = (ctx, input) => {
  ctx.table(tables.projects).delete(projectNameOf(input.name));
  return {};
};

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchGetProjects.html */
export const batchGetProjects: Handler<Sdk, "batchGetProjects"> = (ctx, input) => {
  const projects = ctx.table(tables.projects);
  const found = input.names.map((name) => ({ name, project: projects.get(projectNameOf(name)) }));
  return {
    projects: found.flatMap(({ project }) => (project === undefined ? [] : [show(project)])),
    projectsNotFound: found.flatMap(({ name, project }) => (project === undefined ? [name] : [])),
  };
};

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ListProjects.html */
export const listProjects: Handler<Sdk, "listProjects"> = (ctx, input) => {
  const projects = [...ctx.table(tables.projects).values()];
  const by = {
    CREATED_TIME: ({ created }: StoredProject) => created?.getTime() ?? 0,
    LAST_MODIFIED_TIME: ({ lastModified }: StoredProject) => lastModified?.getTime() ?? 0,
  };
  if (input.sortBy === "CREATED_TIME" || input.sortBy === "LAST_MODIFIED_TIME") {
    const at = by[input.sortBy];
    projects.sort((a, b) => at(a) - at(b));
  }
  if (input.sortOrder === "DESCENDING") projects.reverse();
  const { items, next } = pageOfList(projects, input.nextToken, projectsPerPage, errors.InvalidInputException);
  return { projects: items.map(({ name }) => name), nextToken: next };
};

async function dropCache(ctx: Context, { name, cache }: StoredProject): Promise<void> {
  await rm(localCacheFolder(ctx, name), { recursive: true, force: true });
  if (cache?.type !== "S3") return;
  const { bucket, prefix } = cachePrefix(cache.location ?? "", name, cache.cacheNamespace);
  for (let token: string | undefined, first = true; first || token !== undefined; first = false) {
    const page = await ctx.call.s3.listObjectsV2({ Bucket: bucket, Prefix: prefix, ContinuationToken: token });
    for (const { Key } of page.Contents ?? [])
      if (Key !== undefined) await ctx.call.s3.deleteObject({ Bucket: bucket, Key });
    token = page.NextContinuationToken;
  }
}

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_InvalidateProjectCache.html */
export const invalidateProjectCache: Handler<Sdk, "invalidateProjectCache"> = async (ctx, input) => {
  await dropCache(ctx, findProject(ctx, input.projectName));
  return {};
};
