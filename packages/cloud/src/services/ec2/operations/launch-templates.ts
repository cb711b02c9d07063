import type { RequestLaunchTemplateData, ResponseLaunchTemplateData } from "@aws-sdk/client-ec2";
import type { Context } from "../../../kernel/context.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { matcher } from "../filters.ts";
import { endDryRun, once } from "../handling.ts";
import { resolveImageId } from "../images/resolving.ts";
import { checkUserData } from "../instances/launch-request.ts";
import { kinds } from "../kinds.ts";
import { findTemplate, findVersion, templateNamed, versionNumber } from "../launch-templates.ts";
import type { LaunchTemplateRow, LaunchTemplateVersionRow } from "../model.ts";
import { removeWithTags } from "../networking/removing.ts";
import { describeKind, find, invalidToken, newId, withTags } from "../resources-of-kind.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";
import { checkSpecifications, putTags, specifiedTags } from "../tags.ts";

function show(ctx: Context, template: LaunchTemplateRow) {
  const { lastNumber: _, ...row } = template;
  return withTags(ctx, row.LaunchTemplateId, row);
}

function showVersion(template: LaunchTemplateRow, row: LaunchTemplateVersionRow) {
  return {
    LaunchTemplateId: template.LaunchTemplateId,
    LaunchTemplateName: template.LaunchTemplateName,
    VersionNumber: row.number,
    VersionDescription: row.description,
    CreateTime: new Date(row.createdAt),
    CreatedBy: row.createdBy,
    DefaultVersion: row.number === template.DefaultVersionNumber,
    LaunchTemplateData: row.data,
  };
}

/** What is kept of a version's data. What it names is looked for when an instance is launched, as on AWS. */
function checkedData(given: RequestLaunchTemplateData | undefined): ResponseLaunchTemplateData {
  const { UserData, ...data } = given ?? {};
  const userData = checkUserData(UserData);
  // The shapes of request and answer differ in name only.
  return { ...(data as ResponseLaunchTemplateData), ...(userData !== undefined && { UserData: userData }) };
}

function putVersion(
  ctx: Context,
  id: string,
  number: number,
  data: ResponseLaunchTemplateData,
  description: string | undefined,
): LaunchTemplateVersionRow {
  const row = { number, description, createdAt: ctx.now, createdBy: ctx.principal.arn, data };
  ctx.table(tables.launchTemplateVersions).put([id, number], row);
  return row;
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html */
export const createLaunchTemplate: Handler<Sdk, "createLaunchTemplate"> = (ctx, input) => {
  const { LaunchTemplateName } = input;
  checkSpecifications(input.TagSpecifications, "launch-template");
  const id = once(ctx, "createLaunchTemplate", input, () => {
    if (!/^[a-zA-Z0-9().\-/_]{3,128}$/.test(LaunchTemplateName))
      throw errors["InvalidLaunchTemplateName.MalformedException"](
        "A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following characters: - ( ) . / _.",
      );
    if (templateNamed(ctx, LaunchTemplateName) !== undefined)
      throw errors["InvalidLaunchTemplateName.AlreadyExistsException"]("Launch template name already in use.");
    const LaunchTemplateId = newId(ctx, kinds.launchTemplate);
    ctx.table(tables.launchTemplates).put(LaunchTemplateId, {
      LaunchTemplateId,
      LaunchTemplateName,
      CreateTime: new Date(ctx.now),
      CreatedBy: ctx.principal.arn,
      DefaultVersionNumber: 1,
      LatestVersionNumber: 1,
      lastNumber: 1,
    });
    putVersion(ctx, LaunchTemplateId, 1, checkedData(input.LaunchTemplateData), input.VersionDescription);
    putTags(ctx, LaunchTemplateId, specifiedTags(input.TagSpecifications, "launch-template"));
    return LaunchTemplateId;
  });
  return { LaunchTemplate: show(ctx, find(ctx, kinds.launchTemplate, id)) };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplateVersion.html */
export const createLaunchTemplateVersion: Handler<Sdk, "createLaunchTemplateVersion"> = (ctx, input) => {
  const template = findTemplate(ctx, input);
  const made = once(ctx, "createLaunchTemplateVersion", input, () => {
    const source = input.SourceVersion === undefined ? {} : findVersion(ctx, template, input.SourceVersion).data;
    const data = { ...source, ...checkedData(input.LaunchTemplateData) };
    const number = template.lastNumber + 1;
    putVersion(ctx, template.LaunchTemplateId, number, data, input.VersionDescription);
    const numbers = { LatestVersionNumber: number, lastNumber: number };
    ctx.table(tables.launchTemplates).put(template.LaunchTemplateId, { ...template, ...numbers });
    return String(number);
  });
  return { LaunchTemplateVersion: showVersion(template, findVersion(ctx, template, made)) };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplates.html */
export const describeLaunchTemplates: Handler<Sdk, "describeLaunchTemplates"> = (ctx, input) => {
  const named = (input.LaunchTemplateNames ?? []).map(
    (LaunchTemplateName) => findTemplate(ctx, { LaunchTemplateName }).LaunchTemplateId,
  );
  const ids = [...(input.LaunchTemplateIds ?? []), ...named];
  const { items, next } = describeKind(ctx, kinds.launchTemplate, ids, input, (row) => show(ctx, row), {
    least: 1,
    most: 200,
  });
  return { LaunchTemplates: items, NextToken: next };
};

type ShownVersion = ReturnType<typeof showVersion>;

/** The version with the image that its parameter leads to now. */
async function resolved(ctx: Context, { LaunchTemplateData: data, ...rest }: ShownVersion): Promise<ShownVersion> {
  return { ...rest, LaunchTemplateData: { ...data, ImageId: await resolveImageId(ctx, data.ImageId) } };
}

const versionFilters = {
  "create-time": "CreateTime",
  "ebs-optimized": "LaunchTemplateData.EbsOptimized",
  "iam-instance-profile": "LaunchTemplateData.IamInstanceProfile.Arn",
  "image-id": "LaunchTemplateData.ImageId",
  "instance-type": "LaunchTemplateData.InstanceType",
  "is-default-version": "DefaultVersion",
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplateVersions.html */
export const describeLaunchTemplateVersions: Handler<Sdk, "describeLaunchTemplateVersions"> = async (ctx, input) => {
  const matches = matcher(input.Filters, versionFilters);
  const { LaunchTemplateId, LaunchTemplateName, Versions: asked = [] } = input;
  const ofAll = LaunchTemplateId === undefined && LaunchTemplateName === undefined;
  if (ofAll && !asked.some((version) => version === "$Latest" || version === "$Default"))
    throw errors.MissingParameter("Either the launch template ID or the launch template name must be specified.");
  const templates = ofAll ? [...ctx.table(tables.launchTemplates).values()] : [findTemplate(ctx, input)];
  const shown = templates.flatMap((template) => {
    const least = Number(input.MinVersion ?? 1);
    const most = Number(input.MaxVersion ?? Infinity);
    const rows =
      asked.length > 0
        ? [...new Set(asked.map((version) => versionNumber(template, version)))].map((number) =>
            findVersion(ctx, template, String(number)),
          )
        : [...ctx.table(tables.launchTemplateVersions).values({ prefix: [template.LaunchTemplateId], reverse: true })];
    return rows
      .filter(({ number }) => number >= least && number <= most)
      .map((row) => showVersion(template, row))
      .filter(matches);
  });
  const { items, next } = pageOfList(shown, input.NextToken, Math.min(input.MaxResults ?? 200, 200), invalidToken);
  endDryRun(input);
  const versions = input.ResolveAlias === true ? await Promise.all(items.map((one) => resolved(ctx, one))) : items;
  return { LaunchTemplateVersions: versions, NextToken: next };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyLaunchTemplate.html */
export const modifyLaunchTemplate: Handler<Sdk, "modifyLaunchTemplate"> = (ctx, input) => {
  const template = findTemplate(ctx, input);
  const DefaultVersionNumber =
    input.DefaultVersion === undefined
      ? template.DefaultVersionNumber
      : findVersion(ctx, template, input.DefaultVersion).number;
  const row = { ...template, DefaultVersionNumber };
  ctx.table(tables.launchTemplates).put(template.LaunchTemplateId, row);
  return { LaunchTemplate: show(ctx, row) };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLaunchTemplate.html */
export const deleteLaunchTemplate: Handler<Sdk, "deleteLaunchTemplate"> = (ctx, input) => {
  const template = findTemplate(ctx, input);
  const shown = show(ctx, template);
  const versions = ctx.table(tables.launchTemplateVersions);
  const keys = [...versions.keys({ prefix: [template.LaunchTemplateId] })];
  for (const key of keys) versions.delete(key);
  removeWithTags(ctx, kinds.launchTemplate, template.LaunchTemplateId);
  return { LaunchTemplate: shown };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLaunchTemplateVersions.html */
export const deleteLaunchTemplateVersions: Handler<Sdk, "deleteLaunchTemplateVersions"> = (ctx, input) => {
  const template = findTemplate(ctx, input);
  const { LaunchTemplateId, LaunchTemplateName } = template;
  const versions = ctx.table(tables.launchTemplateVersions);
  const gone: number[] = [];
  const kept = input.Versions.flatMap((version) => {
    const VersionNumber = versionNumber(template, version);
    const refusal = (Code: "launchTemplateVersionDoesNotExist" | "unexpectedError", Message: string) => [
      { LaunchTemplateId, LaunchTemplateName, VersionNumber, ResponseError: { Code, Message } },
    ];
    if (!versions.has([LaunchTemplateId, VersionNumber]))
      return refusal("launchTemplateVersionDoesNotExist", "The specified launch template version does not exist.");
    if (VersionNumber === template.DefaultVersionNumber)
      return refusal("unexpectedError", "You cannot delete the default version of a launch template.");
    versions.delete([LaunchTemplateId, VersionNumber]);
    gone.push(VersionNumber);
    return [];
  });
  // $Latest is the highest that is left.
  const latest = [...versions.keys({ prefix: [LaunchTemplateId], reverse: true })][0]?.[1];
  ctx
    .table(tables.launchTemplates)
    .put(LaunchTemplateId, { ...template, LatestVersionNumber: latest ?? template.LatestVersionNumber });
  return {
    SuccessfullyDeletedLaunchTemplateVersions: gone.map((VersionNumber) => ({
      LaunchTemplateId,
      LaunchTemplateName,
      VersionNumber,
    })),
    UnsuccessfullyDeletedLaunchTemplateVersions: kept,
  };
};
