import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { errors } from "../errors.ts";
import type { TemplateRef } from "../model/group.ts";

/** Which version `$Latest` or `$Default` is now. @throws AwsError of EC2's if there is no such version */
export async function resolveTemplate(ctx: Context, { id, name, version }: TemplateRef): Promise<TemplateRef> {
  const { LaunchTemplateVersions: [found] = [] } = await ctx.call.ec2.describeLaunchTemplateVersions({
    LaunchTemplateId: id,
    Versions: [version],
  });
  return { id, name: found?.LaunchTemplateName ?? name, version: String(found?.VersionNumber ?? version) };
}

/** What a request names as a launch template. */
interface Named {
  readonly LaunchTemplateId?: string | undefined;
  readonly LaunchTemplateName?: string | undefined;
  readonly Version?: string | undefined;
}

/** @throws AwsError `ValidationError` if there is no such launch template or version */
export async function findTemplate(ctx: Context, named: Named): Promise<TemplateRef> {
  const { LaunchTemplateId: id, LaunchTemplateName: name, Version: version = "$Default" } = named;
  if ((id === undefined) === (name === undefined)) {
    throw errors.ValidationError("Valid requests must contain either launchTemplateId or LaunchTemplateName");
  }
  try {
    const { LaunchTemplates: [found] = [] } = await ctx.call.ec2.describeLaunchTemplates(
      id === undefined ? { LaunchTemplateNames: [name ?? ""] } : { LaunchTemplateIds: [id] },
    );
    if (found?.LaunchTemplateId === undefined || found.LaunchTemplateName === undefined) throw missing(id, name);
    const ref = { id: found.LaunchTemplateId, name: found.LaunchTemplateName, version };
    await resolveTemplate(ctx, ref);
    return ref;
  } catch (error) {
    if (isAwsError(error, "InvalidLaunchTemplateId.VersionNotFound", "InvalidLaunchTemplateName.VersionNotFound"))
      throw errors.ValidationError(
        `You must use a valid fully-formed launch template. The specified launch template version ${version} does not exist.`,
      );
    if (isAwsError(error) && error.code.startsWith("InvalidLaunchTemplate")) throw missing(id, name);
    throw error;
  }
}

function missing(id: string | undefined, name: string | undefined) {
  const which = id === undefined ? `template name ${name}` : `template ID ${id}`;
  return errors.ValidationError(`The specified launch template, with ${which}, does not exist.`);
}
