import { isList, isObject } from "./json.ts";
import type { Json, JsonObject } from "./json.ts";
import { limits } from "./model.ts";
import type { Mapping, OutputDefinition, ParameterDefinition, ResourceDefinition, Rule, Template } from "./model.ts";
import { isParameterType } from "./parameter-types.ts";
import { TemplateError, formatError } from "./template-error.ts";

const sectionNames = [
  "AWSTemplateFormatVersion",
  "Conditions",
  "Description",
  "Mappings",
  "Metadata",
  "Outputs",
  "Parameters",
  "Resources",
  "Rules",
  "Transform",
];

const resourceMembers = [
  "Type",
  "Properties",
  "DependsOn",
  "Condition",
  "DeletionPolicy",
  "UpdateReplacePolicy",
  "Metadata",
  "CreationPolicy",
  "UpdatePolicy",
];

/**
 * Finds a template's sections and checks the form of what is in them; what they refer to is checked later.
 *
 * @throws TemplateError
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
 */
export function readSections(raw: JsonObject): Template {
  const unknown = Object.keys(raw).filter((name) => !sectionNames.includes(name));
  if (unknown.length > 0) throw new TemplateError(`Invalid template property or properties [${unknown.join(", ")}]`);
  const version = raw["AWSTemplateFormatVersion"];
  if (version !== undefined && version !== "2010-09-09")
    throw formatError("unsupported value for AWSTemplateFormatVersion.");
  const description = raw["Description"];
  if (description !== undefined && typeof description !== "string")
    throw formatError("'Description' must be a string.");
  if (description !== undefined && Buffer.byteLength(description) > 1024)
    throw formatError("'Description' length is greater than 1024.");
  const resources = section(raw, "Resources", readResource);
  if (Object.keys(resources).length === 0) throw formatError("At least one Resources member must be defined.");
  const template: Template = {
    description,
    metadata: raw["Metadata"],
    transforms: readTransforms(raw),
    parameters: section(raw, "Parameters", readParameter),
    mappings: section(raw, "Mappings", readMapping),
    conditions: section(raw, "Conditions", (_, condition) => condition),
    rules: section(raw, "Rules", readRule),
    resources,
    outputs: section(raw, "Outputs", readOutput),
  };
  for (const name of ["parameters", "mappings", "resources", "outputs"] as const) {
    const count = Object.keys(template[name]).length;
    if (count > limits[name])
      throw formatError(`Number of ${name}, ${count}, is greater than maximum allowed, ${limits[name]}`);
  }
  return template;
}

/** The names of the transforms that the template asks for. */
export function readTransforms(raw: JsonObject): readonly string[] {
  const given = raw["Transform"];
  if (given === undefined) return [];
  return (isList(given) ? given : [given]).map((one) => {
    const name = isObject(one) ? one["Name"] : one;
    if (typeof name !== "string")
      throw formatError("[/Transform] must be the name of a transform, or a list of names.");
    return name;
  });
}

/** The parameters alone: a transform needs their values before the rest has its final form. */
export function readParameters(raw: JsonObject): Readonly<Record<string, ParameterDefinition>> {
  return section(raw, "Parameters", readParameter);
}

function section<T>(raw: JsonObject, name: string, read: (id: string, value: Json) => T): Readonly<Record<string, T>> {
  const given = raw[name];
  if (given === undefined) return {};
  if (!isObject(given)) throw formatError(`[/${name}] ${name} must be an object.`);
  const kind = name.slice(0, -1);
  return Object.fromEntries(
    Object.entries(given).map(([id, value]) => {
      // Conditions and mappings may have other characters, in what AWS accepts.
      if (["Parameters", "Resources", "Outputs"].includes(name) && !/^[A-Za-z0-9]{1,255}$/.test(id)) {
        throw formatError(`${kind} name ${id} is non alphanumeric.`);
      }
      return [id, read(id, value)];
    }),
  );
}

function text(path: string, value: Json | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw formatError(`[${path}] must be a string.`);
}

function number(path: string, value: Json | undefined): number | undefined {
  if (value === undefined) return undefined;
  const read = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof read !== "number" || Number.isNaN(read)) throw formatError(`[${path}] must be a number.`);
  return read;
}

const parameterMembers = [
  "Type",
  "Default",
  "NoEcho",
  "AllowedValues",
  "AllowedPattern",
  "MinLength",
  "MaxLength",
  "MinValue",
  "MaxValue",
  "Description",
  "ConstraintDescription",
];

function readParameter(id: string, value: Json): ParameterDefinition {
  const path = `/Parameters/${id}`;
  if (!isObject(value)) throw formatError(`[${path}] parameter definition is malformed`);
  const type = value["Type"];
  if (typeof type !== "string") throw formatError(`[${path}] Every Parameters object must contain a Type member.`);
  if (!isParameterType(type)) throw formatError(`Unrecognized parameter type: ${type}`);
  const unknown = Object.keys(value).find((name) => !parameterMembers.includes(name));
  if (unknown !== undefined) throw new TemplateError(`Invalid template parameter property '${unknown}'`);
  const allowed = value["AllowedValues"];
  if (allowed !== undefined && !isList(allowed)) throw formatError(`[${path}/AllowedValues] must be a list.`);
  const pattern = text(`${path}/AllowedPattern`, value["AllowedPattern"]);
  if (pattern !== undefined) compilePattern(pattern, `${path}/AllowedPattern`);
  return {
    type,
    default: text(`${path}/Default`, value["Default"]),
    description: text(`${path}/Description`, value["Description"]),
    noEcho: text(`${path}/NoEcho`, value["NoEcho"])?.toLowerCase() === "true",
    allowedValues: allowed?.map((one, place) => text(`${path}/AllowedValues/${place}`, one) ?? ""),
    allowedPattern: pattern,
    minLength: number(`${path}/MinLength`, value["MinLength"]),
    maxLength: number(`${path}/MaxLength`, value["MaxLength"]),
    minValue: number(`${path}/MinValue`, value["MinValue"]),
    maxValue: number(`${path}/MaxValue`, value["MaxValue"]),
    constraintDescription: text(`${path}/ConstraintDescription`, value["ConstraintDescription"]),
  };
}

/** AWS's patterns are Java's; the part of them that templates use means the same here. */
export function compilePattern(pattern: string, path: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`, "s");
  } catch {
    throw formatError(`[${path}] the pattern ${pattern} is not a regular expression that Trysail understands.`);
  }
}

function readMapping(id: string, value: Json): Mapping {
  if (!isObject(value)) throw formatError(`[/Mappings/${id}] Every Mappings member ${id} must be a map`);
  for (const [key, row] of Object.entries(value)) {
    if (!isObject(row))
      throw formatError(`[/Mappings/${id}/${key}] Every Mappings attribute must be a map of strings or lists.`);
  }
  return value as Mapping;
}

function readRule(id: string, value: Json): Rule {
  const assertions = isObject(value) ? value["Assertions"] : undefined;
  if (!isObject(value) || !isList(assertions))
    throw formatError(`[/Rules/${id}] Every Rules member must contain a list of Assertions.`);
  return {
    condition: value["RuleCondition"],
    assertions: assertions.map((one, place) => {
      const path = `/Rules/${id}/Assertions/${place}`;
      const assert = isObject(one) ? one["Assert"] : undefined;
      if (!isObject(one) || assert === undefined)
        throw formatError(`[${path}] Every Assertions member must contain an Assert.`);
      return { assert, description: text(`${path}/AssertDescription`, one["AssertDescription"]) };
    }),
  };
}

function readResource(id: string, value: Json): ResourceDefinition {
  const path = `/Resources/${id}`;
  if (!isObject(value)) throw formatError(`[${path}] resource definition is malformed`);
  const type = value["Type"];
  if (typeof type !== "string") throw formatError(`[${path}] Every Resources object must contain a Type member.`);
  const unknown = Object.keys(value).find((name) => !resourceMembers.includes(name));
  if (unknown !== undefined)
    throw new TemplateError(`Invalid template resource property '${unknown}' in resource ${id}`);
  const { Properties: properties = {}, DependsOn: dependsOn = [], Condition: condition } = value;
  if (!isObject(properties)) throw formatError(`[${path}/Properties] Properties must be an object.`);
  const names = isList(dependsOn) ? dependsOn : [dependsOn];
  if (!names.every((name) => typeof name === "string"))
    throw formatError(`[${path}/DependsOn] Every DependsOn value must be a string.`);
  if (condition !== undefined && typeof condition !== "string")
    throw formatError(`[${path}/Condition] Every Condition member must be a string.`);
  return {
    type,
    properties,
    dependsOn: names,
    condition,
    deletionPolicy: value["DeletionPolicy"],
    updateReplacePolicy: value["UpdateReplacePolicy"],
    creationPolicy: value["CreationPolicy"],
    updatePolicy: value["UpdatePolicy"],
    metadata: value["Metadata"],
  };
}

function readOutput(id: string, value: Json): OutputDefinition {
  const path = `/Outputs/${id}`;
  if (!isObject(value)) throw formatError(`[${path}] output definition is malformed`);
  const { Value: content, Condition: condition, Export: exported, Description: description } = value;
  if (content === undefined) throw formatError(`[${path}] Every Outputs member must contain a Value object`);
  if (condition !== undefined && typeof condition !== "string")
    throw formatError(`[${path}/Condition] Every Condition member must be a string.`);
  if (exported !== undefined && (!isObject(exported) || exported["Name"] === undefined)) {
    throw formatError(`[${path}/Export] Every Export member must contain a Name.`);
  }
  return {
    value: content,
    condition,
    description: text(`${path}/Description`, description),
    exportName: exported?.["Name"],
  };
}
