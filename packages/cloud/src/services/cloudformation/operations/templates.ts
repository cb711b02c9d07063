import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { findChangeSet } from "../changes/find-change-set.ts";
import { readTemplate, transformTemplate, transformed } from "../environment.ts";
import { errors } from "../errors.ts";
import type { TemplateInput } from "../requested.ts";
import { asValidationError, capabilitiesFor, templateText } from "../requested.ts";
import type { Sdk } from "../sdk.ts";
import { findStack, templateOf } from "../store.ts";
import { parseTemplate } from "../template/parse.ts";
import { parameterValue } from "../template/parameters.ts";
import { readParameters, readTransforms } from "../template/sections.ts";
import { validate } from "../template/validate.ts";

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html */
export const getTemplate: Handler<Sdk, "getTemplate"> = (ctx, input) => {
  const { text, values } = storedTemplate(ctx, input.StackName, input.ChangeSetName);
  const raw = text === "" ? {} : parseTemplate(text);
  const isProcessed = input.TemplateStage === "Processed" && readTransforms(raw).length > 0;
  return {
    TemplateBody: isProcessed ? JSON.stringify(transformed(raw, values)) : text,
    StagesAvailable: ["Original", "Processed"],
  };
};

function storedTemplate(ctx: Context, stackName: string | undefined, changeSetName: string | undefined) {
  if (changeSetName !== undefined) {
    const set = findChangeSet(ctx, changeSetName, stackName);
    return { text: templateOf(ctx, set.stackId, set.id), values: set.desired.values };
  }
  const stack = findStack(ctx, stackName);
  return { text: templateOf(ctx, stack.id), values: stack.values };
}

/** Reads and checks a template that has no stack: parameters have their defaults where they have one. */
async function examine(ctx: Context, input: TemplateInput) {
  return asValidationError(async () => {
    const text = await templateText(ctx, input, undefined);
    const raw = parseTemplate(text);
    const parameters = readParameters(raw);
    const values = Object.fromEntries(
      Object.entries(parameters).map(([key, { type, default: given = "" }]) => [key, parameterValue(type, given)]),
    );
    const template = transformTemplate(raw, values);
    validate(template);
    return { template, parameters, ...capabilitiesFor(template) };
  });
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ValidateTemplate.html */
export const validateTemplate: Handler<Sdk, "validateTemplate"> = async (ctx, input) => {
  const { template, parameters, capabilities, reason } = await examine(ctx, input);
  return {
    Description: template.description,
    Parameters: Object.entries(parameters).map(([key, definition]) => ({
      ParameterKey: key,
      DefaultValue: definition.default,
      NoEcho: definition.noEcho,
      Description: definition.description,
    })),
    Capabilities: capabilities.length === 0 ? undefined : [...capabilities],
    CapabilitiesReason: capabilities.length === 0 ? undefined : reason,
    DeclaredTransforms: [...template.transforms],
  };
};

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplateSummary.html */
export const getTemplateSummary: Handler<Sdk, "getTemplateSummary"> = async (ctx, input) => {
  const source = input.StackName === undefined ? input : { TemplateURL: undefined, TemplateBody: undefined };
  const { template, parameters, capabilities, reason } =
    input.StackName === undefined
      ? await examine(ctx, source)
      : await asValidationError(() => ofStack(ctx, input.StackName ?? ""));
  return {
    Description: template.description,
    Parameters: Object.entries(parameters).map(([key, definition]) => ({
      ParameterKey: key,
      ParameterType: definition.type,
      DefaultValue: definition.default,
      NoEcho: definition.noEcho,
      Description: definition.description,
      ParameterConstraints: {
        AllowedValues: definition.allowedValues === undefined ? undefined : [...definition.allowedValues],
      },
    })),
    Capabilities: capabilities.length === 0 ? undefined : [...capabilities],
    CapabilitiesReason: capabilities.length === 0 ? undefined : reason,
    ResourceTypes: [...new Set(Object.values(template.resources).map(({ type }) => type))],
    Metadata: template.metadata === undefined ? undefined : JSON.stringify(template.metadata),
    DeclaredTransforms: [...template.transforms],
    Version: "2010-09-09",
  };
};

function ofStack(ctx: Context, stackName: string) {
  const stack = findStack(ctx, stackName);
  const text = templateOf(ctx, stack.id);
  if (text === "") throw errors.ValidationError(`Stack [${stackName}] has no template yet.`);
  const template = readTemplate(text, stack.values);
  return { template, parameters: template.parameters, ...capabilitiesFor(template) };
}
