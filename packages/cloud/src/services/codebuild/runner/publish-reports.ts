import type { Report } from "@aws-sdk/client-codebuild";
import { messageOf } from "@trysail/core";
import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import type { ReportSpec } from "../buildspec/types.ts";
import { limits } from "../model.ts";
import type { StoredReportGroup } from "../model.ts";
import { isTestFormat, readTestResults, summarise } from "../reports/test-results.ts";
import type { TestResult } from "../reports/test-results.ts";
import { arnOf, tables } from "../store.ts";
import { expand } from "./outputs.ts";
import { prepared } from "./run.ts";
import type { Run } from "./run.ts";
import { selectFiles } from "./select-files.ts";

const dayMs = 86_400_000;

/** The report group that a buildspec names; one that is named by name, and not there, is made. */
function groupOf(run: Run, nameOrArn: string): StoredReportGroup | undefined {
  const { ctx, stored } = run;
  return ctx.transaction(() => {
    const groups = ctx.table(tables.reportGroups);
    const name = `${stored.build.projectName}-${nameOrArn}`;
    const arn = nameOrArn.startsWith("arn:") ? nameOrArn : arnOf(ctx, `report-group/${name}`);
    const found = groups.get(arn);
    if (found !== undefined || nameOrArn.startsWith("arn:")) return found;
    const { now } = ctx.as({});
    const group: StoredReportGroup = {
      arn,
      name,
      type: "TEST",
      exportConfig: { exportConfigType: "NO_EXPORT" },
      created: new Date(now),
      lastModified: new Date(now),
      status: "ACTIVE",
      tags: [],
    };
    groups.put(arn, group);
    return group;
  });
}

async function readResults(
  run: Run,
  spec: ReportSpec,
): Promise<{ readonly results: (TestResult & { file: string })[]; readonly fault?: string }> {
  const { format } = spec;
  if (!isTestFormat(format))
    return { results: [], fault: `reports of code coverage (${format}) are not read by Trysail` };
  const results: (TestResult & { file: string })[] = [];
  try {
    const selection = {
      files: spec.files,
      baseDirectory: spec.baseDirectory,
      excludePaths: [],
      discardPaths: false,
      enableSymlinks: false,
    };
    for (const { path } of await selectFiles(run.sourceFolder, selection)) {
      const file = relative(run.sourceFolder, path);
      try {
        results.push(...readTestResults(await readFile(path, "utf8"), format).map((result) => ({ ...result, file })));
      } catch (error) {
        return { results, fault: `${file} is not ${format}: ${messageOf(error)}` };
      }
    }
  } catch (error) {
    return { results, fault: messageOf(error) };
  }
  return { results };
}

/** Stores a report for each that the buildspec names. One that cannot be read is told of; it does not fail the build. */
export async function publishReports(run: Run): Promise<string[]> {
  const { ctx, log, stored } = run;
  const { buildspec } = prepared(run);
  const arns: string[] = [];
  for (const spec of buildspec.reports) {
    log.container(`Preparing to copy ${isTestFormat(spec.format) ? "TEST" : "CODE_COVERAGE"} report ${spec.group}`);
    const group = groupOf(run, await expand(run, spec.group));
    if (group === undefined) {
      log.container(`There is no report group ${spec.group}`);
      continue;
    }
    const { results, fault } = await readResults(run, spec);
    if (fault !== undefined) log.container(`Error while processing report ${spec.group}: ${fault}`);
    const arn = arnOf(ctx, `report/${group.name}:${ctx.ids.uuid()}`);
    const { now } = ctx.as({});
    const testSummary = summarise(results);
    const { FAILED: failed = 0, ERROR: broken = 0 } = testSummary.statusCounts;
    const status: NonNullable<Report["status"]> =
      fault !== undefined ? "INCOMPLETE" : failed + broken > 0 ? "FAILED" : "SUCCEEDED";
    ctx.transaction(() => {
      ctx.table(tables.reports).put(arn, {
        arn,
        type: group.type,
        name: group.name,
        reportGroupArn: group.arn,
        executionId: stored.build.arn,
        status,
        created: new Date(now),
        expired: new Date(now + limits.reportDays * dayMs),
        exportConfig: group.exportConfig,
        truncated: false,
        testSummary,
      });
      results.forEach((result, index) => ctx.table(tables.testCases).put([arn, index], result));
    });
    arns.push(arn);
  }
  return arns;
}
