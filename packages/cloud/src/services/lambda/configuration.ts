import type { CreateFunctionRequest, UpdateFunctionConfigurationRequest } from "@aws-sdk/client-lambda";
import type { Context } from "../../kernel/context.ts";
import { errors, invalid, refused } from "./errors.ts";
import { reservedVariables } from "./execution/environment-variables.ts";
import { languageOf } from "./execution/programs.ts";
import { destinationKind } from "./invoking/destination-kinds.ts";
import { limits } from "./limits.ts";
import type { Version } from "./model.ts";
import { parseLayerArn } from "./names.ts";
import { tables } from "./store.ts";

/** What of a request concerns a version's configuration. */
type Requested = Pick<
  CreateFunctionRequest & UpdateFunctionConfigurationRequest,
  | "CapacityProviderConfig"
  | "DeadLetterConfig"
  | "Description"
  | "DurableConfig"
  | "Environment"
  | "EphemeralStorage"
  | "FileSystemConfigs"
  | "Handler"
  | "ImageConfig"
  | "KMSKeyArn"
  | "Layers"
  | "LoggingConfig"
  | "MemorySize"
  | "Runtime"
  | "SnapStart"
  | "Timeout"
  | "TracingConfig"
  | "VpcConfig"
>;

export type Configuration = Omit<
  Version,
  "functionName" | "number" | "code" | "modifiedAt" | "revisionId" | "role" | "architecture"
>;

/** What a function has that says nothing of it. */
export function defaults(functionName: string): Omit<Configuration, "runtime" | "handler"> {
  return {
    description: "",
    timeoutSeconds: 3,
    memoryMib: 128,
    variables: {},
    layers: [],
    ephemeralStorageMib: 512,
    logging: { LogFormat: "Text", LogGroup: `/aws/lambda/${functionName}` },
    kmsKeyArn: undefined,
    tracingMode: "PassThrough",
    vpc: undefined,
  };
}

/** Refuses what Trysail would have to ignore. */
function refuseOthers(input: Requested): void {
  const letters = input.DeadLetterConfig?.TargetArn;
  if (letters && destinationKind(letters) !== "topic")
    throw refused(`sends dead letters to SNS topics only, not to ${letters}.`);
  if (input.FileSystemConfigs?.length) throw refused("mounts no file systems: leave out FileSystemConfigs.");
  if (input.ImageConfig !== undefined) throw refused("runs functions from zip archives only: leave out ImageConfig.");
  if (input.SnapStart?.ApplyOn === "PublishedVersions")
    throw refused("takes no snapshots of functions: leave out SnapStart.");
  if (input.CapacityProviderConfig !== undefined)
    throw refused("has no capacity providers: leave out CapacityProviderConfig.");
  if (input.DurableConfig !== undefined) throw refused("runs no durable functions: leave out DurableConfig.");
}

function checkRuntime(runtime: string): void {
  if (languageOf(runtime) !== undefined) return;
  throw errors.InvalidParameterValueException(
    `Value ${runtime} at 'runtime' failed to satisfy constraint: Trysail runs nodejs18.x to nodejs24.x, python3.8 to python3.14, provided.al2 and provided.al2023.`,
    { Type: "User" },
  );
}

function checkRange(value: number | undefined, member: string, least: number, most: number): void {
  if (value === undefined) return;
  if (value < least) throw invalid(value, member, `have value greater than or equal to ${least}`);
  if (value > most) throw invalid(value, member, `have value less than or equal to ${most}`);
}

function checkVariables(variables: Readonly<Record<string, string>>): void {
  const reserved = Object.keys(variables).filter((name) => reservedVariables.includes(name));
  const unable =
    "Lambda was unable to configure your environment variables because the environment variables you have provided";
  if (reserved.length > 0) {
    throw errors.InvalidParameterValueException(
      `${unable} contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(", ")}`,
      { Type: "User" },
    );
  }
  const strange = Object.keys(variables).find((name) => !/^[a-zA-Z][a-zA-Z0-9_]+$/.test(name));
  if (strange !== undefined)
    throw invalid(
      strange,
      "environment.variables",
      "satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]",
    );
  const text = JSON.stringify(variables);
  if (Buffer.byteLength(text) > limits.variablesBytes) {
    throw errors.InvalidParameterValueException(`${unable} exceeded the 4KB limit. String measured: ${text}`, {
      Type: "User",
    });
  }
}

function findLayers(ctx: Context, arns: readonly string[]): Version["layers"] {
  if (arns.length > limits.layers)
    throw errors.InvalidParameterValueException("Cannot reference more than 5 layers.", { Type: "User" });
  const names = arns.map((arn) => parseLayerArn(arn)?.name ?? arn);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw errors.InvalidParameterValueException(
      "Two different versions of the same layer are not allowed to be referenced in the same function.",
      { Type: "User" },
    );
  return arns.map((arn) => {
    const parsed = parseLayerArn(arn);
    const isOurs = parsed?.account === ctx.account && parsed.region === ctx.region;
    if (parsed !== undefined && !isOurs)
      throw refused(`has the layers of its own account and region only: ${arn} cannot be read.`);
    const found = parsed?.number === undefined ? undefined : ctx.table(tables.layers).get([parsed.name, parsed.number]);
    if (found === undefined)
      throw errors.InvalidParameterValueException(`Layer version ${arn} does not exist.`, { Type: "User" });
    return { arn, code: found.code };
  });
}

/**
 * A configuration with what a request changes of it.
 *
 * @throws AwsError `InvalidParameterValueException`, `ValidationException`
 */
export function configured(ctx: Context, current: Configuration, input: Requested): Configuration {
  refuseOthers(input);
  const runtime = input.Runtime ?? current.runtime;
  checkRuntime(runtime);
  checkRange(input.Timeout, "timeout", 1, limits.timeoutSeconds);
  checkRange(input.MemorySize, "memorySize", limits.memoryMib.least, limits.memoryMib.most);
  checkRange(
    input.EphemeralStorage?.Size,
    "ephemeralStorage.size",
    limits.ephemeralStorageMib.least,
    limits.ephemeralStorageMib.most,
  );
  if (input.Environment?.Variables !== undefined) checkVariables(input.Environment.Variables);
  const logging = input.LoggingConfig;
  const format = logging?.LogFormat ?? current.logging.LogFormat;
  if (format !== "JSON" && (logging?.ApplicationLogLevel !== undefined || logging?.SystemLogLevel !== undefined)) {
    throw errors.InvalidParameterValueException(
      "To use ApplicationLogLevel or SystemLogLevel, you must set LogFormat to JSON.",
      { Type: "User" },
    );
  }
  const vpc = input.VpcConfig;
  return {
    runtime,
    handler: input.Handler ?? current.handler,
    description: input.Description ?? current.description,
    timeoutSeconds: input.Timeout ?? current.timeoutSeconds,
    memoryMib: input.MemorySize ?? current.memoryMib,
    variables: input.Environment === undefined ? current.variables : (input.Environment.Variables ?? {}),
    layers: input.Layers === undefined ? current.layers : findLayers(ctx, input.Layers),
    ephemeralStorageMib: input.EphemeralStorage?.Size ?? current.ephemeralStorageMib,
    logging:
      logging === undefined
        ? current.logging
        : {
            LogFormat: format,
            LogGroup: logging.LogGroup ?? current.logging.LogGroup,
            ...(format === "JSON" && {
              ApplicationLogLevel: logging.ApplicationLogLevel ?? current.logging.ApplicationLogLevel ?? "INFO",
              SystemLogLevel: logging.SystemLogLevel ?? current.logging.SystemLogLevel ?? "INFO",
            }),
          },
    kmsKeyArn: input.KMSKeyArn === "" ? undefined : (input.KMSKeyArn ?? current.kmsKeyArn),
    tracingMode: input.TracingConfig?.Mode ?? current.tracingMode,
    deadLetterTopic:
      input.DeadLetterConfig === undefined ? current.deadLetterTopic : input.DeadLetterConfig.TargetArn || undefined,
    vpc: vpc === undefined ? current.vpc : (vpc.SubnetIds?.length ?? 0) === 0 ? undefined : vpc,
  };
}
