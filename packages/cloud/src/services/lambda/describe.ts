import type { FunctionConfiguration } from "@aws-sdk/client-lambda";
import type { Context } from "../../kernel/context.ts";
import type { Version } from "./model.ts";
import { timeText, versionText } from "./model.ts";
import { versionArn } from "./store.ts";

/**
 * A version's configuration, as most operations tell it.
 *
 * @param isQualified - whether its ARN tells the version also where that is `$LATEST`
 */
export function describe(ctx: Context, version: Version, isQualified = false): FunctionConfiguration {
  const { layers, variables, vpc } = version;
  return {
    FunctionName: version.functionName,
    FunctionArn: versionArn(ctx, version, isQualified),
    Runtime: version.runtime,
    Role: version.role,
    Handler: version.handler,
    CodeSize: version.code.sizeBytes,
    Description: version.description,
    Timeout: version.timeoutSeconds,
    MemorySize: version.memoryMib,
    LastModified: timeText(version.modifiedAt),
    CodeSha256: version.code.sha256,
    Version: versionText(version.number),
    ...(vpc !== undefined && { VpcConfig: { ...vpc, VpcId: "" } }),
    ...(Object.keys(variables).length > 0 && { Environment: { Variables: { ...variables } } }),
    ...(version.deadLetterTopic !== undefined && { DeadLetterConfig: { TargetArn: version.deadLetterTopic } }),
    KMSKeyArn: version.kmsKeyArn,
    TracingConfig: { Mode: version.tracingMode },
    RevisionId: version.revisionId,
    ...(layers.length > 0 && { Layers: layers.map(({ arn, code }) => ({ Arn: arn, CodeSize: code.sizeBytes })) }),
    State: "Active",
    LastUpdateStatus: "Successful",
    PackageType: "Zip",
    Architectures: [version.architecture],
    EphemeralStorage: { Size: version.ephemeralStorageMib },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    LoggingConfig: version.logging,
  };
}
