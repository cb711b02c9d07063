import type { AddPermissionRequest, Cors, FunctionUrlAuthType, InvokeMode } from "@aws-sdk/client-lambda";
import type { Properties, ResourceType } from "../../../kernel/resource.ts";
import { functionArn, parseFunctionName, parseLayerArn } from "../names.ts";
import { numberOf, orExisting, unlessGone } from "./properties.ts";

interface PermissionProperties extends Properties, Omit<AddPermissionRequest, "StatementId"> {
  readonly Action: string;
  readonly FunctionName: string;
  readonly Principal: string;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-permission.html */
export const permission: ResourceType = {
  properties: [
    "Action",
    "EventSourceToken",
    "FunctionName",
    "FunctionUrlAuthType",
    "InvokedViaFunctionUrl",
    "Principal",
    "PrincipalOrgID",
    "SourceAccount",
    "SourceArn",
  ],
  required: ["Action", "FunctionName", "Principal"],

  async create(ctx, properties: PermissionProperties & Properties, request) {
    const id = request.generatedName({ maxLength: 100 });
    // The name is of this step alone: what is there of that name was made by it.
    await orExisting<unknown>(
      () => ctx.call.lambda.addPermission({ ...properties, StatementId: id }),
      async () => id,
    );
    return { status: "done", id, attributes: { Id: id } };
  },

  remove: (ctx, id, properties) =>
    unlessGone(() =>
      ctx.call.lambda.removePermission({ FunctionName: String(properties["FunctionName"]), StatementId: id }),
    ),
};

interface LayerPermissionProperties extends Properties {
  readonly Action: string;
  readonly LayerVersionArn: string;
  readonly OrganizationId?: string;
  readonly Principal: string;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-layerversionpermission.html */
export const layerVersionPermission: ResourceType = {
  properties: ["Action", "LayerVersionArn", "OrganizationId", "Principal"],
  required: ["Action", "LayerVersionArn", "Principal"],

  async create(ctx, properties: LayerPermissionProperties & Properties, request) {
    const { LayerVersionArn: arn, Action, OrganizationId, Principal } = properties;
    const StatementId = request.generatedName({ maxLength: 100 });
    const VersionNumber = parseLayerArn(arn)?.number ?? 0;
    await orExisting<unknown>(
      () =>
        ctx.call.lambda.addLayerVersionPermission({
          LayerName: arn,
          VersionNumber,
          StatementId,
          Action,
          OrganizationId,
          Principal,
        }),
      async () => StatementId,
    );
    const id = `${arn}#${StatementId}`;
    return { status: "done", id, attributes: { Id: id } };
  },

  remove: (ctx, id) => {
    const [LayerName = "", StatementId = ""] = id.split("#");
    const VersionNumber = parseLayerArn(LayerName)?.number ?? 0;
    return unlessGone(() => ctx.call.lambda.removeLayerVersionPermission({ LayerName, VersionNumber, StatementId }));
  },
};

interface UrlProperties extends Properties {
  readonly TargetFunctionArn: string;
  readonly AuthType: FunctionUrlAuthType;
  readonly Cors?: Cors;
  readonly InvokeMode?: InvokeMode;
  readonly Qualifier?: string;
}

/** Templates may write numbers and truth values as texts. */
const corsOf = ({ MaxAge: maxAge, AllowCredentials: credentials, ...cors }: Cors = {}): Cors => ({
  ...cors,
  ...(maxAge !== undefined && { MaxAge: numberOf(maxAge) }),
  ...(credentials !== undefined && { AllowCredentials: String(credentials) === "true" }),
});

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-url.html */
export const url: ResourceType = {
  properties: ["TargetFunctionArn", "AuthType", "Cors", "InvokeMode", "Qualifier"],
  required: ["TargetFunctionArn", "AuthType"],
  replacedBy: ["TargetFunctionArn", "Qualifier"],

  async create(ctx, properties: UrlProperties & Properties) {
    const { TargetFunctionArn: FunctionName, Qualifier, AuthType, Cors: cors, InvokeMode: mode } = properties;
    const made = await orExisting(
      () =>
        ctx.call.lambda.createFunctionUrlConfig({
          FunctionName,
          Qualifier,
          AuthType,
          ...(cors !== undefined && { Cors: corsOf(cors) }),
          InvokeMode: mode,
        }),
      () => ctx.call.lambda.getFunctionUrlConfig({ FunctionName, Qualifier }),
    );
    const { FunctionArn: id = "", FunctionUrl } = made;
    return { status: "done", id, attributes: { FunctionArn: id, FunctionUrl } };
  },

  async update(ctx, id, properties: UrlProperties & Properties) {
    const { TargetFunctionArn: FunctionName, Qualifier, AuthType, Cors: cors, InvokeMode: mode } = properties;
    const { FunctionUrl } = await ctx.call.lambda.updateFunctionUrlConfig({
      FunctionName,
      Qualifier,
      AuthType,
      Cors: corsOf(cors),
      InvokeMode: mode ?? "BUFFERED",
    });
    return { status: "done", id, attributes: { FunctionArn: id, FunctionUrl } };
  },

  remove: (ctx, id) => {
    const { name = "", qualifier } = parseFunctionName(id) ?? {};
    return unlessGone(() =>
      ctx.call.lambda.deleteFunctionUrlConfig({ FunctionName: functionArn(ctx, name), Qualifier: qualifier }),
    );
  },
};
