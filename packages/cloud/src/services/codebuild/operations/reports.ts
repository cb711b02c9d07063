import { pageOf, pageOfList } from "../../../kernel/paging.ts";
import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import type { StoredReport, StoredReportGroup } from "../model.ts";
import type { TestResult } from "../reports/test-results.ts";
import type { Sdk } from "../sdk.ts";
import { arnOf, findReportGroup, tables } from "../store.ts";

/** @throws AwsError `InvalidInputException` */
function checkExport(config: { readonly exportConfigType?: string | undefined } | undefined): void {
  if (config?.exportConfigType === "S3")
    throw errors.InvalidInputException("Trysail does not export reports to S3: give exportConfigType NO_EXPORT.");
}

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateReportGroup.html */
export const createReportGroup: Handler<Sdk, "createReportGroup"> = (ctx, input) => {
  const arn = arnOf(ctx, `report-group/${input.name}`);
  if (!/^[A-Za-z0-9][A-Za-z0-9\-_]{1,127}$/.test(input.name))
    throw errors.InvalidInputException(`Invalid report group name: ${input.name}`);
  if (input.type === "CODE_COVERAGE")
    throw errors.InvalidInputException("Trysail reads no reports of code coverage: give the type TEST.");
  checkExport(input.exportConfig);
  const groups = ctx.table(tables.reportGroups);
  if (groups.has(arn)) throw errors.ResourceAlreadyExistsException(`Report group already exists: ${arn}`);
  const group: StoredReportGroup = {
    arn,
    name: input.name,
    type: input.type,
    exportConfig: input.exportConfig,
    created: new Date(ctx.now),
    lastModified: new Date(ctx.now),
    tags: input.tags ?? [],
    status: "ACTIVE",
  };
  groups.put(arn, group);
  return { reportGroup: group };
};

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_UpdateReportGroup.html */
export const updateReportGroup: Handler<Sdk, "updateReportGroup"> = (ctx, input) => {
  checkExport(input.exportConfig);
  const before = findReportGroup(ctx, input.arn);
  const group: StoredReportGroup = {
    ...before,
    exportConfig: input.exportConfig ?? before.exportConfig,
    tags: input.tags ?? before.tags,
    lastModified: new Date(ctx.now),
  };
  ctx.table(tables.reportGroups).put(group.arn, group);
  return { reportGroup: group };
};

/** The reports of a group, the newest first. */
function reportsOf(ctx: Context, groupArn: string | undefined, status: string | undefined): StoredReport[] {
  return [...ctx.table(tables.reports).values()]
    .filter(
      (report) =>
        (groupArn === undefined || report.reportGroupArn === groupArn) &&
        (status === undefined || report.status === status),
    )
    .sort((a, b) => b.created.getTime() - a.created.getTime());
}

export function removeReport(ctx: Context, arn: string): void {
  const cases = ctx.table(tables.testCases);
  const keys = [...cases.keys({ prefix: [arn] })];
  for (const key of keys) cases.delete(key);
  ctx.table(tables.reports).delete(arn);
}

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_DeleteReportGroup.html */
export const deleteReportGroup: Handler<Sdk, "deleteReportGroup"> = (ctx, input) => {
  const reports = reportsOf(ctx, input.arn, undefined);
  if (reports.length > 0 && input.deleteReports !== true) {
    throw errors.InvalidInputException(
      `Report group has reports: ${input.arn}. To delete them too, give deleteReports.`,
    );
  }
  for (const { arn } of reports) removeReport(ctx, arn);
  ctx.table(tables.reportGroups).delete(input.arn);
  return {};
};

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_DeleteReport.html */
export const deleteReport: Handler<Sdk, "deleteReport"> = (ctx, input) => {
  removeReport(ctx, input.arn);
  return {};
};

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchGetReportGroups.html */
export const batchGetReportGroups: Handler<Sdk, "batchGetReportGroups"> = (ctx, input) => {
  const found = input.reportGroupArns.map((arn) => ({ arn, group: ctx.table(tables.reportGroups).get(arn) }));
  return {
    reportGroups: found.flatMap(({ group }) => group ?? []),
    reportGroupsNotFound: found.flatMap(({ arn, group }) => (group === undefined ? [arn] : [])),
  };
};

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchGetReports.html */
export const batchGetReports: Handler<Sdk, "batchGetReports"> = (ctx, input) => {
  const found = input.reportArns.map((arn) => ({ arn, report: ctx.table(tables.reports).get(arn) }));
  return {
    reports: found.flatMap(({ report }) => report ?? []),
    reportsNotFound: found.flatMap(({ arn, report }) => (report === undefined ? [arn] : [])),
  };
};

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ListReportGroups.html */
export const listReportGroups: Handler<Sdk, "listReportGroups"> = (ctx, input) => {
  const groups = [...ctx.table(tables.reportGroups).values()];
  const at = {
    CREATED_TIME: (group: StoredReportGroup) => group.created,
    LAST_MODIFIED_TIME: (group: StoredReportGroup) => group.lastModified,
  };
  if (input.sortBy === "CREATED_TIME" || input.sortBy === "LAST_MODIFIED_TIME") {
    const time = at[input.sortBy];
    groups.sort((a, b) => (time(a)?.getTime() ?? 0) - (time(b)?.getTime() ?? 0));
  }
  if (input.sortOrder === "DESCENDING") groups.reverse();
  const { items, next } = pageOfList(groups, input.nextToken, input.maxResults ?? 100, errors.InvalidInputException);
  return { reportGroups: items.map(({ arn }) => arn), nextToken: next };
};

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ListReports.html */
export const listReports: Handler<Sdk, "listReports"> = (ctx, input) => {
  const reports = reportsOf(ctx, undefined, input.filter?.status);
  if (input.sortOrder === "ASCENDING") reports.reverse();
  const { items, next } = pageOfList(reports, input.nextToken, input.maxResults ?? 100, errors.InvalidInputException);
  return { reports: items.map(({ arn }) => arn), nextToken: next };
};

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ListReportsForReportGroup.html */
export const listReportsForReportGroup: Handler<Sdk, "listReportsForReportGroup"> = (ctx, input) => {
  const reports = reportsOf(ctx, findReportGroup(ctx, input.reportGroupArn).arn, input.filter?.status);
  if (input.sortOrder === "ASCENDING") reports.reverse();
  const { items, next } = pageOfList(reports, input.nextToken, input.maxResults ?? 100, errors.InvalidInputException);
  return { reports: items.map(({ arn }) => arn), nextToken: next };
};

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_DescribeTestCases.html */
export const describeTestCases: Handler<Sdk, "describeTestCases"> = (ctx, input) => {
  const report = ctx.table(tables.reports).get(input.reportArn);
  if (report === undefined) throw errors.ResourceNotFoundException(`Report cannot be found: ${input.reportArn}`);
  const { status, keyword = "" } = input.filter ?? {};
  const rows = ctx.table(tables.testCases);
  function* entriesAfter(options: {
    readonly after?: [string, number];
  }): Generator<[[string, number], TestResult & { readonly file: string }]> {
    for (const [key, row] of rows.entries({ ...options, prefix: [input.reportArn] })) {
      if (
        (status === undefined || row.status === status) &&
        [row.name, row.prefix, row.suite].some((text) => text.includes(keyword))
      )
        yield [key, row];
    }
  }
  const { items, next } = pageOf(entriesAfter, input.nextToken, input.maxResults ?? 100, errors.InvalidInputException);
  return {
    testCases: items.map((row) => ({
      reportArn: input.reportArn,
      testRawDataPath: row.file,
      prefix: row.prefix,
      name: row.name,
      status: row.status,
      durationInNanoSeconds: row.durationNanoseconds,
      message: row.message,
      expired: report.expired,
      testSuiteName: row.suite,
    })),
    nextToken: next,
  };
};
