import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { isMadeFor } from "../../../kernel/resource.ts";
import type { Properties, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";
import type { Input } from "../../../kernel/sdk-types.ts";
import type { Sdk } from "../sdk.ts";
import { toMembers } from "./properties.ts";

const supported = [
  "Artifacts",
  "AutoRetryLimit",
  "BadgeEnabled",
  "BuildBatchConfig",
  "Cache",
  "ConcurrentBuildLimit",
  "Description",
  "EncryptionKey",
  "Environment",
  "LogsConfig",
  "QueuedTimeoutInMinutes",
  "SecondaryArtifacts",
  "SecondarySourceVersions",
  "SecondarySources",
  "ServiceRole",
  "Source",
  "SourceVersion",
  "TimeoutInMinutes",
  "VpcConfig",
] as const;

type CreateProjectInput = Input<Sdk, "createProject">;

type Tags = readonly { readonly Key: string; readonly Value: string }[];

/** What neither the API nor Trysail can do is refused, not left out. */
function refusalOf({
  Triggers: triggers,
  Visibility: visibility,
  FileSystemLocations: files,
}: Properties): string | undefined {
  const { Webhook: webhook } = (triggers ?? {}) as { readonly Webhook?: unknown };
  if (webhook === true || webhook === "true")
    return "Trysail makes no webhooks for CodeBuild projects: leave out Triggers.Webhook, and let a pipeline start the builds.";
  if (visibility !== undefined && visibility !== "PRIVATE")
    return `Trysail has no public projects: Visibility ${JSON.stringify(visibility)} is not supported.`;
  return Array.isArray(files) && files.length > 0
    ? "Trysail mounts no file systems: leave out FileSystemLocations."
    : undefined;
}

function inputOf(name: string, properties: Properties, request: ResourceRequest): CreateProjectInput {
  const given = Object.fromEntries(
    supported.flatMap((key) => (properties[key] === undefined ? [] : [[key, properties[key]]])),
  );
  const tags = [...request.tags, ...((properties["Tags"] ?? []) as Tags)].map(({ Key, Value }) => ({
    key: Key,
    value: Value,
  }));
  return { ...(toMembers(given) as Omit<CreateProjectInput, "name">), name, tags };
}

async function identity(ctx: Context, name: string) {
  const { projects = [] } = await ctx.call.codebuild.batchGetProjects({ names: [name] });
  return { status: "done", id: name, attributes: { Arn: projects[0]?.arn ?? "" } } as const;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codebuild-project.html */
export const project: ResourceType = {
  properties: [...supported, "FileSystemLocations", "Name", "ResourceAccessRole", "Tags", "Triggers", "Visibility"],
  required: ["Artifacts", "Environment", "ServiceRole", "Source"],
  replacedBy: ["Name"],

  async create(ctx, properties, request) {
    const refusal = refusalOf(properties);
    if (refusal !== undefined) return { status: "failed", reason: refusal };
    const { Name: given } = properties;
    const name = typeof given === "string" ? given : request.generatedName({ maxLength: 150 });
    const input = inputOf(name, properties, request);
    try {
      await ctx.call.codebuild.createProject(input);
    } catch (error) {
      if (!isAwsError(error, "ResourceAlreadyExistsException")) throw error;
      const { projects = [] } = await ctx.call.codebuild.batchGetProjects({ names: [name] });
      const tags = (projects[0]?.tags ?? []).map(({ key, value }) => ({ Key: key, Value: value }));
      if (!isMadeFor(request, tags)) throw error;
    }
    return identity(ctx, name);
  },

  async update(ctx, id, properties, previous, request) {
    const refusal = refusalOf(properties);
    if (refusal !== undefined) return { status: "failed", reason: refusal };
    // What a template leaves out goes back to its default, as in a project that is made anew.
    const defaults: Partial<CreateProjectInput> = {
      description: "",
      secondarySources: [],
      secondarySourceVersions: [],
      secondaryArtifacts: [],
      sourceVersion: "",
      cache: { type: "NO_CACHE" },
      logsConfig: {},
      timeoutInMinutes: 60,
      queuedTimeoutInMinutes: 480,
      concurrentBuildLimit: -1,
      autoRetryLimit: 0,
    };
    const kept = Object.fromEntries(Object.entries(defaults).filter(([key]) => hasMember(previous, key)));
    await ctx.call.codebuild.updateProject({ ...kept, ...inputOf(id, properties, request) });
    return identity(ctx, id);
  },

  async remove(ctx, id) {
    await ctx.call.codebuild.deleteProject({ name: id });
    return { status: "done" };
  },
};

function hasMember(properties: Properties, member: string): boolean {
  return properties[`${(member[0] ?? "").toUpperCase()}${member.slice(1)}`] !== undefined;
}
