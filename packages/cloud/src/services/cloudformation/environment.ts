import { partitionOf } from "@trysail/core";
import type { Context } from "../../kernel/context.ts";
import type { Desired, ResourceRow, Stack } from "./model.ts";
import { tables } from "./store.ts";
import { conditionsOf } from "./template/conditions.ts";
import { languageExtensions } from "./template/functions.ts";
import type { Json, JsonObject } from "./template/json.ts";
import { expandLoops } from "./template/language-extensions.ts";
import type { Template } from "./template/model.ts";
import type { ParameterValue } from "./template/parameters.ts";
import { parseTemplate } from "./template/parse.ts";
import { Unknown } from "./template/resolve.ts";
import type { Environment } from "./template/resolve.ts";
import { readSections, readTransforms } from "./template/sections.ts";
import { TemplateError } from "./template/template-error.ts";

/** The stack that a template is for, as its pseudo parameters tell. */
export type StackIdentity = Pick<Stack, "id" | "name">;

function pseudoParameter(
  ctx: Context,
  stack: StackIdentity,
  { notificationArns = [] }: Pick<Desired, "notificationArns">,
  name: string,
): Json | undefined {
  const partition = partitionOf(ctx.region);
  switch (name) {
    case "AWS::AccountId":
      return ctx.account;
    case "AWS::NotificationARNs":
      return [...notificationArns];
    case "AWS::Partition":
      return partition;
    case "AWS::Region":
      return ctx.region;
    case "AWS::StackId":
      return stack.id;
    case "AWS::StackName":
      return stack.name;
    case "AWS::URLSuffix":
      return partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
    default:
      return undefined;
  }
}

/** Reads a template's text, transforms carried out. @throws TemplateError */
export function readTemplate(text: string, values: Readonly<Record<string, ParameterValue>>): Template {
  return transformTemplate(parseTemplate(text), values);
}

/** Carries out a template's transforms, and finds its sections. @throws TemplateError */
export function transformTemplate(raw: JsonObject, values: Readonly<Record<string, ParameterValue>>): Template {
  return readSections(transformed(raw, values));
}

/** A template with its transforms carried out. @throws TemplateError */
export function transformed(raw: JsonObject, values: Readonly<Record<string, ParameterValue>>): JsonObject {
  if (!readTransforms(raw).includes(languageExtensions)) return raw;
  return expandLoops(raw, (name) => (Object.hasOwn(values, name) ? values[name] : undefined));
}

/** A template as it is for certain parameters: which of its resources are there, and what functions give. */
export interface Instance {
  readonly template: Template;
  readonly environment: Environment;
  /** Logical ids of the resources whose conditions hold. */
  readonly present: ReadonlySet<string>;
  /** Names of the exports that resolving has asked for. */
  readonly imported: ReadonlySet<string>;
}

/**
 * @param resource - what is known of a resource: its row, or that it will be known later; undefined if it is not there
 */
export function instantiate(
  ctx: Context,
  stack: StackIdentity,
  template: Template,
  desired: Pick<Desired, "notificationArns" | "values">,
  resource: (logicalId: string) => Pick<ResourceRow, "physicalId" | "attributes"> | "unknown" | undefined,
): Instance {
  const imported = new Set<string>();
  const base: Omit<Environment, "condition"> = {
    parameter: (name) =>
      Object.hasOwn(desired.values, name) ? desired.values[name] : pseudoParameter(ctx, stack, desired, name),
    mappings: template.mappings,
    transforms: template.transforms,
    reference: (logicalId) => {
      const row = resource(logicalId);
      return row === "unknown" ? new Unknown([{ logicalId, attribute: undefined }]) : row?.physicalId;
    },
    attribute: (logicalId, attribute) => {
      const row = resource(logicalId);
      if (row === "unknown") return new Unknown([{ logicalId, attribute }]);
      const attributes = row?.attributes ?? {};
      return Object.hasOwn(attributes, attribute) ? attributes[attribute] : memberAt(attributes, attribute);
    },
    exported: (name) => {
      const found = ctx.table(tables.exports).get(name);
      if (found === undefined) throw new TemplateError(`No export named ${name} found.`);
      imported.add(name);
      return found.value;
    },
    zones: (region) => ["a", "b", "c"].map((zone) => `${region}${zone}`),
  };
  const condition = conditionsOf(template.conditions, (decide) => ({ ...base, condition: decide }));
  const environment: Environment = { ...base, condition };
  const present = new Set(
    Object.entries(template.resources)
      .filter(
        ([, resourceOfTemplate]) =>
          resourceOfTemplate.condition === undefined || condition(resourceOfTemplate.condition),
      )
      .map(([id]) => id),
  );
  return { template, environment, present, imported };
}

/** `Endpoint.Address` names a member of the attribute `Endpoint`. */
function memberAt(attributes: Readonly<Record<string, unknown>>, path: string): unknown {
  return path.split(".").reduce<unknown>((value, part) => {
    const holder = value as Readonly<Record<string, unknown>> | null | undefined;
    return typeof holder === "object" && holder !== null && Object.hasOwn(holder, part) ? holder[part] : undefined;
  }, attributes);
}
