import { partitionOf } from "@trysail/core";
import type { Context } from "../../kernel/context.ts";
import { table } from "../../store/table.ts";
import { errors } from "./errors.ts";
import { buildIdOf, projectNameOf } from "./model.ts";
import type { StoredBuild, StoredCredential, StoredProject, StoredReport, StoredReportGroup } from "./model.ts";
import type { TestResult } from "./reports/test-results.ts";

export const tables = {
  projects: table<string, StoredProject>("projects"),
  builds: table<string, StoredBuild>("builds"),
  /** Builds in the order in which they were started. */
  buildsByTime: table<[startedAt: number, id: string], string>("builds-by-time"),
  buildsByProject: table<[project: string, number: number], string>("builds-by-project"),
  /** Those of them that wait or run. */
  activeBuilds: table<[project: string, number: number], string>("active-builds"),
  /** Builds of StartBuild's idempotency tokens. */
  tokens: table<[project: string, token: string], { readonly id: string; readonly at: number }>("tokens"),
  reportGroups: table<string, StoredReportGroup>("report-groups"),
  reports: table<string, StoredReport>("reports"),
  testCases: table<[report: string, index: number], TestResult & { readonly file: string }>("test-cases"),
  credentials: table<string, StoredCredential>("credentials"),
};

/** `arn:aws:codebuild:REGION:ACCOUNT:` and what is given. */
export function arnOf(ctx: Context, resource: string): string {
  return `arn:${partitionOf(ctx.region)}:codebuild:${ctx.region}:${ctx.account}:${resource}`;
}

/** @throws AwsError `ResourceNotFoundException` */
export function findProject(ctx: Context, nameOrArn: string): StoredProject {
  const name = projectNameOf(nameOrArn);
  const project = ctx.table(tables.projects).get(name);
  if (project === undefined)
    throw errors.ResourceNotFoundException(`Project cannot be found: ${arnOf(ctx, `project/${name}`)}`);
  return project;
}

/** @throws AwsError `ResourceNotFoundException` */
export function findBuild(ctx: Context, idOrArn: string): StoredBuild {
  const build = ctx.table(tables.builds).get(buildIdOf(idOrArn));
  if (build === undefined) throw errors.ResourceNotFoundException(`Build cannot be found: ${idOrArn}`);
  return build;
}

/** @throws AwsError `ResourceNotFoundException` */
export function findReportGroup(ctx: Context, arn: string): StoredReportGroup {
  const group = ctx.table(tables.reportGroups).get(arn);
  if (group === undefined) throw errors.ResourceNotFoundException(`Report group cannot be found: ${arn}`);
  return group;
}

/** The builds of a project that wait or run, the oldest first. */
export function activeBuilds(ctx: Context, project: string, state: "queued" | "running"): StoredBuild[] {
  const builds = ctx.table(tables.builds);
  const active: StoredBuild[] = [];
  for (const [, id] of ctx.table(tables.activeBuilds).entries({ prefix: [project] })) {
    const build = builds.get(id);
    if (build?.state === state) active.push(build);
  }
  return active;
}
