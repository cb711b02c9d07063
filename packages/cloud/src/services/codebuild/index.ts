import { defineService } from "../../kernel/service.ts";
import { batchDeleteBuilds, batchGetBuilds, listBuilds, listBuildsForProject } from "./operations/builds.ts";
import {
  batchGetProjects,
  createProject,
  deleteProject,
  invalidateProjectCache,
  listProjects,
  updateProject,
} from "./operations/projects.ts";
import {
  batchGetReportGroups,
  batchGetReports,
  createReportGroup,
  deleteReport,
  deleteReportGroup,
  describeTestCases,
  listReportGroups,
  listReports,
  listReportsForReportGroup,
  updateReportGroup,
} from "./operations/reports.ts";
import {
  deleteSourceCredentials,
  importSourceCredentials,
  listSourceCredentials,
} from "./operations/source-credentials.ts";
import { retryBuild, startBuild, stopBuild } from "./operations/start-build.ts";
import { reportExpiry } from "./report-expiry.ts";
import { project } from "./resources/project.ts";
import { reportGroup } from "./resources/report-group.ts";
import { sourceCredential } from "./resources/source-credential.ts";
import { running } from "./running.ts";
import type { Sdk } from "./sdk.ts";
import { tables } from "./store.ts";

export const codebuild = defineService<Sdk>({
  id: "codebuild",
  scope: "regional",
  tables,
  operations: {
    batchDeleteBuilds,
    batchGetBuilds,
    batchGetProjects,
    batchGetReportGroups,
    batchGetReports,
    createProject,
    createReportGroup,
    deleteProject,
    deleteReport,
    deleteReportGroup,
    deleteSourceCredentials,
    describeTestCases,
    importSourceCredentials,
    invalidateProjectCache,
    listBuilds,
    listBuildsForProject,
    listProjects,
    listReportGroups,
    listReports,
    listReportsForReportGroup,
    listSourceCredentials,
    retryBuild,
    startBuild,
    stopBuild,
    updateProject,
    updateReportGroup,
  },
  controllers: [running, reportExpiry],
  resources: {
    "AWS::CodeBuild::Project": project,
    "AWS::CodeBuild::ReportGroup": reportGroup,
    "AWS::CodeBuild::SourceCredential": sourceCredential,
  },
});
