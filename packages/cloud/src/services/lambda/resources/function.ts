import type { CreateFunctionRequest, FunctionCode } from "@aws-sdk/client-lambda";
import type { Context } from "../../../kernel/context.ts";
import { isMadeFor } from "../../../kernel/resource.ts";
import type { Properties, ResourceType } from "../../../kernel/resource.ts";
import { inlineArchive } from "../code/inline.ts";
import { numberOf, orExisting, unlessGone } from "./properties.ts";

type Tags = readonly { readonly Key: string; readonly Value: string }[];

interface FunctionProperties
  extends
    Properties,
    Omit<Partial<CreateFunctionRequest>, "Code" | "Tags" | "Timeout" | "MemorySize" | "VpcConfig" | "KMSKeyArn"> {
  readonly Code: Omit<FunctionCode, "ZipFile"> & { readonly ZipFile?: string };
  readonly KmsKeyArn?: string;
  readonly Role: string;
  readonly Timeout?: number | string;
  readonly MemorySize?: number | string;
  readonly ReservedConcurrentExecutions?: number | string;
  readonly VpcConfig?: CreateFunctionRequest["VpcConfig"];
  readonly Tags?: Tags;
}

async function codeOf({ Code: code, Runtime: runtime }: FunctionProperties): Promise<FunctionCode> {
  const { ZipFile: text, ...others } = code;
  return text === undefined ? others : { ...others, ZipFile: await inlineArchive(text, runtime ?? "") };
}

/** What can be changed after creation, with what a template leaves out as it is from the beginning. */
function configurationOf(properties: FunctionProperties, name: string) {
  const { EphemeralStorage: storage } = properties;
  return {
    Description: properties.Description ?? "",
    Environment: { Variables: texts(properties.Environment?.Variables) },
    EphemeralStorage: { Size: numberOf(storage?.Size) ?? 512 },
    Handler: properties.Handler,
    KMSKeyArn: properties.KmsKeyArn ?? "",
    Layers: properties.Layers ?? [],
    LoggingConfig: { LogFormat: "Text" as const, LogGroup: `/aws/lambda/${name}`, ...properties.LoggingConfig },
    MemorySize: numberOf(properties.MemorySize) ?? 128,
    Role: properties.Role,
    Runtime: properties.Runtime,
    Timeout: numberOf(properties.Timeout) ?? 3,
    TracingConfig: properties.TracingConfig ?? { Mode: "PassThrough" as const },
    VpcConfig: {
      SubnetIds: properties.VpcConfig?.SubnetIds ?? [],
      SecurityGroupIds: properties.VpcConfig?.SecurityGroupIds ?? [],
    },
    DeadLetterConfig: properties.DeadLetterConfig ?? { TargetArn: "" },
    // Refused by the service where they ask for something.
    FileSystemConfigs: properties.FileSystemConfigs,
    ImageConfig: properties.ImageConfig,
    SnapStart: properties.SnapStart,
  };
}

/** Templates write values of variables as whatever they are. */
function texts(variables: Readonly<Record<string, unknown>> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(variables ?? {}).map(([name, value]) => [name, String(value)]));
}

const tagsOf = (...lists: readonly (Tags | undefined)[]): Record<string, string> =>
  Object.fromEntries(lists.flatMap((list) => list ?? []).map(({ Key, Value }) => [Key, Value]));

async function reserve(ctx: Context, name: string, reserved: number | undefined, isNew: boolean): Promise<void> {
  const { lambda } = ctx.call;
  if (reserved !== undefined)
    await lambda.putFunctionConcurrency({ FunctionName: name, ReservedConcurrentExecutions: reserved });
  else if (!isNew) await lambda.deleteFunctionConcurrency({ FunctionName: name });
}

const changed = (names: readonly string[], now: Properties, before: Properties) =>
  names.some((name) => JSON.stringify(now[name]) !== JSON.stringify(before[name]));

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html */
export const lambdaFunction: ResourceType = {
  properties: [
    "Architectures",
    "Code",
    "CodeSigningConfigArn",
    "DeadLetterConfig",
    "Description",
    "Environment",
    "EphemeralStorage",
    "FileSystemConfigs",
    "FunctionName",
    "Handler",
    "ImageConfig",
    "KmsKeyArn",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "PackageType",
    "ReservedConcurrentExecutions",
    "Role",
    "Runtime",
    "SnapStart",
    "Tags",
    "Timeout",
    "TracingConfig",
    "VpcConfig",
  ],
  required: ["Code", "Role"],
  replacedBy: ["FunctionName", "PackageType"],

  async create(ctx, properties: FunctionProperties & Properties, request) {
    const name = properties.FunctionName ?? request.generatedName({ maxLength: 64 });
    const { lambda } = ctx.call;
    const { FunctionArn: Arn = "" } = await orExisting(
      async () =>
        lambda.createFunction({
          ...configurationOf(properties, name),
          FunctionName: name,
          Architectures: properties.Architectures,
          Code: await codeOf(properties),
          CodeSigningConfigArn: properties.CodeSigningConfigArn,
          PackageType: properties.PackageType,
          Tags: tagsOf(request.tags, properties.Tags),
        }),
      async () => {
        const { Configuration: existing, Tags: tags = {} } = await lambda.getFunction({ FunctionName: name });
        const list = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
        return isMadeFor(request, list) ? existing : undefined;
      },
    );
    request.made(name);
    await reserve(ctx, name, numberOf(properties.ReservedConcurrentExecutions), true);
    return { status: "done", id: name, attributes: { Arn } };
  },

  async update(
    ctx,
    id,
    properties: FunctionProperties & Properties,
    previous: FunctionProperties & Properties,
    request,
  ) {
    const { lambda } = ctx.call;
    const inline = properties.Code.ZipFile !== undefined && changed(["Runtime"], properties, previous);
    const { FunctionArn: Arn = "" } = await lambda.updateFunctionConfiguration({
      FunctionName: id,
      ...configurationOf(properties, id),
    });
    if (inline || changed(["Code", "Architectures"], properties, previous)) {
      await lambda.updateFunctionCode({
        FunctionName: id,
        Architectures: properties.Architectures ?? ["x86_64"],
        ...(await codeOf(properties)),
      });
    }
    await reserve(ctx, id, numberOf(properties.ReservedConcurrentExecutions), false);
    const tags = tagsOf(request.tags, properties.Tags);
    const gone = Object.keys(tagsOf(previous.Tags)).filter((key) => !Object.hasOwn(tags, key));
    if (gone.length > 0) await lambda.untagResource({ Resource: Arn, TagKeys: gone });
    await lambda.tagResource({ Resource: Arn, Tags: tags });
    return { status: "done", id, attributes: { Arn } };
  },

  remove: (ctx, id) => unlessGone(() => ctx.call.lambda.deleteFunction({ FunctionName: id })),
};
