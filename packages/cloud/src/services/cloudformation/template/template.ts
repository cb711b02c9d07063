import { errors } from "../errors.ts";
import { expandLoops } from "./loops.ts";
import { parseTemplate } from "./parse.ts";
import { conditionsIn, dependenciesOf, findCycle, references } from "./references.ts";
import { callOf, isList, isMap } from "./value.ts";
import type { Value, ValueMap } from "./value.ts";

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
export const limits = { bodyBytes: 51_200, urlBytes: 1_048_576, resources: 500, parameters: 200, outputs: 200, mappings: 200 } as const;

export interface ResourceTemplate {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: ValueMap;
  readonly condition: string | undefined;
  readonly deletionPolicy: string | undefined;
  readonly updateReplacePolicy: string | undefined;
  readonly metadata: Value | undefined;
  /** Logical ids. */
  readonly dependsOn: readonly string[];
}

export interface OutputTemplate {
  readonly value: Value;
  readonly description: string | undefined;
  readonly exportName: Value | undefined;
  readonly condition: string | undefined;
}

/** A template that is well-formed: what it refers to is there, and nothing depends on itself. */
export interface Template {
  readonly description: string | undefined;
  readonly parameters: ValueMap;
  readonly mappings: ValueMap;
  readonly conditions: ValueMap;
  readonly rules: ValueMap;
  readonly resources: ReadonlyMap<string, ResourceTemplate>;
  readonly outputs: ReadonlyMap<string, OutputTemplate>;
  readonly metadata: Value | undefined;
  readonly transforms: readonly string[];
}

const sections = new Set(["AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules", "Mappings", "Conditions", "Transform", "Resources", "Outputs", "Hooks"]);

const resourceAttributes = new Set(["Type", "Properties", "Condition", "CreationPolicy", "DeletionPolicy", "DependsOn", "Metadata", "UpdatePolicy", "UpdateReplacePolicy"]);

export const pseudoParameters = ["AWS::AccountId", "AWS::NotificationARNs", "AWS::NoValue", "AWS::Partition", "AWS::Region", "AWS::StackId", "AWS::StackName", "AWS::URLSuffix"] as const;

const fault = (message: string) => errors.ValidationError(`Template format error: ${message}`);

/**
 * Reads and checks a template.
 *
 * @throws AwsError `ValidationError`, in AWS's words, which name the place
 */
export function readTemplate(text: string): Template {
  const raw = parseTemplate(text);
  for (const section of Object.keys(raw)) {
    if (!sections.has(section)) throw errors.ValidationError(`Invalid template property or properties [${section}]`);
  }
  const version = raw["AWSTemplateFormatVersion"];
  if (version !== undefined && version !== "2010-09-09") throw fault(`unsupported value for AWSTemplateFormatVersion.`);
  const transforms = transformsOf(raw["Transform"]);
  const usable = transforms.includes("AWS::LanguageExtensions") ? expandLoops(raw) : raw;

  const resources = sectionOf(usable, "Resources");
  if (Object.keys(resources).length === 0) throw fault("At least one Resources member must be defined.");
  for (const [section, limit] of [["Resources", limits.resources], ["Parameters", limits.parameters], ["Outputs", limits.outputs], ["Mappings", limits.mappings]] as const) {
    const count = Object.keys(sectionOf(usable, section)).length;
    if (count > limit) throw fault(`Number of ${section.toLowerCase()}, ${count}, is greater than maximum allowed, ${limit}`);
  }
  const ids = new Set(Object.keys(resources));
  const template: Template = {
    description: descriptionOf(usable["Description"]),
    parameters: sectionOf(usable, "Parameters"),
    mappings: sectionOf(usable, "Mappings"),
    conditions: sectionOf(usable, "Conditions"),
    rules: sectionOf(usable, "Rules"),
    resources: new Map([...ids].map((id) => [id, readResource(id, resources[id] as Value, ids)])),
    outputs: new Map(Object.entries(sectionOf(usable, "Outputs")).map(([id, output]) => [id, readOutput(id, output)])),
    metadata: usable["Metadata"],
    transforms,
  };
  checkReferences(template);
  return template;
}

function transformsOf(value: Value | undefined): string[] {
  const names = value === undefined ? [] : isList(value) ? value : [value];
  for (const name of names) {
    if (name !== "AWS::LanguageExtensions") {
      throw errors.ValidationError(`Trysail runs no macros: of transforms it knows AWS::LanguageExtensions only, not ${typeof name === "string" ? name : JSON.stringify(name)}.`);
    }
  }
  return names as string[];
}

function descriptionOf(value: Value | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw fault("Every Description member must be a string.");
  return value;
}

function sectionOf(raw: ValueMap, name: string): ValueMap {
  const section = raw[name];
  if (section === undefined || section === null) return {};
  if (!isMap(section)) throw fault(`${name} must be an object.`);
  return section;
}

function readResource(id: string, raw: Value, ids: ReadonlySet<string>): ResourceTemplate {
  if (!/^[A-Za-z0-9]{1,255}$/.test(id)) throw fault(`Resource name ${id} is non alphanumeric.`);
  if (!isMap(raw)) throw fault(`[/Resources/${id}] resource definition is malformed`);
  const unknown = Object.keys(raw).filter((key) => !resourceAttributes.has(key));
  if (unknown.length > 0) throw errors.ValidationError(`Invalid template resource property '${unknown[0]}'`);
  const type = raw["Type"];
  if (typeof type !== "string" || type === "") throw fault(`[/Resources/${id}] Every Resources object must contain a Type member.`);
  const properties = raw["Properties"] ?? {};
  if (!isMap(properties)) throw fault(`[/Resources/${id}/Properties] Properties must be an object.`);
  const { DependsOn: explicit } = raw;
  const named = explicit === undefined ? [] : isList(explicit) ? explicit : [explicit];
  const missing = named.filter((name) => !ids.has(String(name)));
  if (missing.length > 0) throw fault(`Unresolved resource dependencies [${missing.join(", ")}] in the Resources block of the template`);
  return {
    logicalId: id,
    type,
    properties,
    condition: conditionOf(raw, `Resources/${id}`),
    deletionPolicy: policyOf(raw, "DeletionPolicy", ["Delete", "Retain", "Snapshot", "RetainExceptOnCreate"]),
    updateReplacePolicy: policyOf(raw, "UpdateReplacePolicy", ["Delete", "Retain", "Snapshot"]),
    metadata: raw["Metadata"],
    dependsOn: dependenciesOf(raw, ids),
  };
}

function conditionOf(raw: ValueMap, place: string): string | undefined {
  const condition = raw["Condition"];
  if (condition !== undefined && typeof condition !== "string") throw fault(`[/${place}/Condition] Every Condition member must be a string.`);
  return condition;
}

function policyOf(raw: ValueMap, name: string, allowed: readonly string[]): string | undefined {
  const policy = raw[name];
  if (policy === undefined) return undefined;
  if (typeof policy !== "string" || !allowed.includes(policy)) throw fault(`Unrecognized ${name} ${JSON.stringify(policy)}: it must be one of ${allowed.join(", ")}.`);
  return policy;
}

function readOutput(id: string, raw: Value): OutputTemplate {
  if (!isMap(raw) || raw["Value"] === undefined) throw fault(`[/Outputs/${id}] Every Outputs member must contain a Value object`);
  const { Export: exported } = raw;
  if (exported !== undefined && (!isMap(exported) || exported["Name"] === undefined)) throw fault(`Output ${id} is malformed. The Name field of every Export member must be specified.`);
  return {
    value: raw["Value"],
    description: descriptionOf(raw["Description"]),
    exportName: isMap(exported) ? exported["Name"] : undefined,
    condition: conditionOf(raw, `Outputs/${id}`),
  };
}

function checkReferences({ parameters, conditions, resources, outputs, mappings }: Template): void {
  const values = new Set<string>([...Object.keys(parameters), ...pseudoParameters]);
  const missingIn = (value: Value) => references(value).filter(({ name, attribute }) => !resources.has(name) && (attribute !== undefined || !values.has(name)));

  const unresolved = [...resources.values()].flatMap(({ properties }) => missingIn(properties));
  if (unresolved.length > 0) {
    throw fault(`Unresolved resource dependencies [${[...new Set(unresolved.map(({ name }) => name))].join(", ")}] in the Resources block of the template`);
  }
  for (const [id, { value, exportName }] of outputs) {
    const [missing] = [...missingIn(value), ...missingIn(exportName ?? null)];
    if (missing !== undefined) throw fault(`Unresolved resource dependencies [${missing.name}] in the Outputs block of the template (${id})`);
  }
  for (const [name, definition] of Object.entries(conditions)) {
    const [missing] = references(definition).filter((reference) => !values.has(reference.name));
    if (missing !== undefined) throw fault(`Unresolved dependencies [${missing.name}]. Cannot reference resources in the Conditions block of the template (${name})`);
  }
  const named = [
    ...[...resources.values()].flatMap(({ condition, properties }) => [condition, ...conditionsIn(properties)]),
    ...[...outputs.values()].flatMap(({ condition, value }) => [condition, ...conditionsIn(value)]),
    ...Object.values(conditions).flatMap(conditionCalls),
  ].filter((name): name is string => name !== undefined && !Object.hasOwn(conditions, name));
  if (named.length > 0) throw fault(`Unresolved condition dependency ${named[0]} in the template`);
  for (const [name, map] of Object.entries(mappings)) {
    if (!isMap(map) || !Object.values(map).every(isMap)) throw fault(`Every Mappings attribute must be a String or a List. (${name})`);
  }

  const circularConditions = findCycle(new Map(Object.entries(conditions).map(([name, definition]) => [name, conditionCalls(definition)])));
  if (circularConditions !== undefined) throw fault(`Circular dependencies for conditions [${circularConditions.join(", ")}]`);
  const circular = findCycle(new Map([...resources.values()].map(({ logicalId, dependsOn }) => [logicalId, dependsOn])));
  if (circular !== undefined) throw errors.ValidationError(`Circular dependency between resources: [${circular.join(", ")}]`);
}

/** The conditions that a condition's definition names. */
function conditionCalls(definition: Value): string[] {
  const call = callOf(definition, true);
  if (call === undefined) return isList(definition) ? definition.flatMap(conditionCalls) : [];
  return call.name === "Condition" && typeof call.argument === "string" ? [call.argument] : conditionCalls(call.argument);
}
