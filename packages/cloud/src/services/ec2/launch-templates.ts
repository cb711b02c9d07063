import type { LaunchTemplateSpecification } from "@aws-sdk/client-ec2";
import type { Context } from "../../kernel/context.ts";
import { errors } from "./errors.ts";
import { kinds } from "./kinds.ts";
import type { LaunchTemplateRow, LaunchTemplateVersionRow } from "./model.ts";
import { find } from "./resources-of-kind.ts";
import { tables } from "./store.ts";

interface NamedTemplate {
  readonly LaunchTemplateId?: string | undefined;
  readonly LaunchTemplateName?: string | undefined;
}

export function templateNamed(ctx: Context, name: string): LaunchTemplateRow | undefined {
  return [...ctx.table(tables.launchTemplates).values()].find(({ LaunchTemplateName }) => LaunchTemplateName === name);
}

/** The template of an id or a name. @throws AwsError */
export function findTemplate(ctx: Context, { LaunchTemplateId: id, LaunchTemplateName: name }: NamedTemplate) {
  if (id !== undefined && name !== undefined)
    throw errors.InvalidParameterCombination(
      "You must specify either the launch template ID or the launch template name, but not both.",
    );
  if (id !== undefined) return find(ctx, kinds.launchTemplate, id);
  if (name === undefined)
    throw errors.MissingParameter("Either the launch template ID or the launch template name must be specified.");
  const found = templateNamed(ctx, name);
  if (found === undefined)
    throw errors["InvalidLaunchTemplateName.NotFoundException"](
      `The specified launch template, with template name ${name}, does not exist.`,
    );
  return found;
}

/** The number of a version that is named: `3`, `$Latest`, `$Default`. @throws AwsError for anything else */
export function versionNumber(template: LaunchTemplateRow, version: string): number {
  if (version === "$Latest") return template.LatestVersionNumber;
  if (version === "$Default" || version === "") return template.DefaultVersionNumber;
  if (/^\d+$/.test(version)) return Number(version);
  throw errors.InvalidParameterValue(
    `Invalid launch template version: either '$Default', '$Latest', or a numeric version are allowed.`,
  );
}

/** @throws AwsError `InvalidLaunchTemplateId.VersionNotFound` */
export function findVersion(ctx: Context, template: LaunchTemplateRow, version: string): LaunchTemplateVersionRow {
  const id = template.LaunchTemplateId;
  const row = ctx.table(tables.launchTemplateVersions).get([id, versionNumber(template, version)]);
  if (row !== undefined) return row;
  throw errors["InvalidLaunchTemplateId.VersionNotFound"](
    `Could not find the specified version ${version} for the launch template with ID ${id}.`,
  );
}

/** The version that a request names; the default one where it names none. */
export function templateVersion(ctx: Context, named: LaunchTemplateSpecification): LaunchTemplateVersionRow {
  return findVersion(ctx, findTemplate(ctx, named), named.Version ?? "$Default");
}
