import { checkFunction, languageExtensions } from "./functions.ts";
import type { Place } from "./functions.ts";
import { circle } from "./graph.ts";
import type { Graph } from "./graph.ts";
import type { Json } from "./json.ts";
import { deletionPolicies, pseudoParameters } from "./model.ts";
import type { ResourceDefinition, Template } from "./model.ts";
import { conditionsIn, functionsIn, referencesIn } from "./references.ts";
import { TemplateError, formatError, templateError } from "./template-error.ts";

/**
 * Checks all that a template's parts say of each other: what they refer to is there, nothing depends on itself, and
 * functions stand where they may.
 *
 * @throws TemplateError as AWS words it
 */
export function validate(template: Template): void {
  const { parameters, resources, conditions, rules, outputs, transforms } = template;
  const unknownTransform = transforms.find((name) => name !== languageExtensions);
  if (unknownTransform !== undefined)
    throw new TemplateError(`No transform named ${unknownTransform} found. Trysail has ${languageExtensions} only.`);

  for (const [value, place] of [
    ...Object.values(resources).map((resource) => [valuesOf(resource), "resources"] as const),
    ...Object.values(outputs).map(
      ({ value: content, exportName }) => [[content, exportName ?? ""], "resources"] as const,
    ),
    ...Object.values(conditions).map((condition) => [condition, "conditions"] as const),
    ...Object.values(rules).map(
      ({ condition, assertions }) => [[condition ?? true, ...assertions.map(({ assert }) => assert)], "rules"] as const,
    ),
  ] as readonly (readonly [Json, Place])[]) {
    for (const name of functionsIn(value)) checkFunction(name, place, transforms);
  }

  checkConditions(template);
  const inResources = Object.values(resources).flatMap((resource) => [
    ...unresolvedIn(valuesOf(resource), template),
    ...resource.dependsOn.filter((name) => !Object.hasOwn(resources, name)),
  ]);
  refuseUnresolved(inResources, "Resources");
  refuseUnresolved(
    Object.values(outputs).flatMap(({ value, exportName }) => unresolvedIn([value, exportName ?? ""], template)),
    "Outputs",
  );
  const beyondParameters = [
    ...Object.values(conditions),
    ...Object.values(rules).flatMap(({ assertions }) => assertions.map(({ assert }) => assert)),
  ]
    .flatMap((value) => [...referencesIn(value)])
    .filter(
      ({ kind, name }) =>
        kind === "attribute" ||
        (kind === "ref" && !Object.hasOwn(parameters, name) && !pseudoParameters.includes(name)),
    );
  if (beyondParameters.length > 0) {
    throw formatError(
      `Unresolved dependencies [${unique(beyondParameters.map(({ name }) => name)).join(", ")}]. Cannot reference resources in the Conditions block of the template`,
    );
  }

  for (const [id, { deletionPolicy, updateReplacePolicy }] of Object.entries(resources)) {
    checkPolicy(id, "DeletionPolicy", deletionPolicy, transforms);
    checkPolicy(id, "UpdateReplacePolicy", updateReplacePolicy, transforms);
  }
  const circular = circle(dependencyGraph(template));
  if (circular.length > 0) throw new TemplateError(`Circular dependency between resources: [${circular.join(", ")}]`);
}

/** Which resources each one refers to or names in DependsOn, whatever the conditions. */
export function dependencyGraph({ resources }: Template): Graph {
  return new Map(Object.entries(resources).map(([id, resource]) => [id, new Set(dependenciesOf(resource, resources))]));
}

/** The resources that one refers to or names in DependsOn; the same one may come more than once. */
export function dependenciesOf(resource: ResourceDefinition, resources: Template["resources"]): string[] {
  const { dependsOn } = resource;
  const named = [...referencesIn(valuesOf(resource))]
    .filter(({ kind }) => kind === "ref" || kind === "attribute")
    .map(({ name }) => name);
  return [...dependsOn, ...named].filter((name) => Object.hasOwn(resources, name));
}

/** All that may hold functions in a resource. */
function valuesOf({ properties, creationPolicy, updatePolicy }: ResourceDefinition): Json {
  return [properties, creationPolicy ?? {}, updatePolicy ?? {}];
}

const unique = (names: readonly string[]) => [...new Set(names)];

function refuseUnresolved(names: readonly string[], block: string): void {
  if (names.length > 0)
    throw formatError(
      `Unresolved resource dependencies [${unique(names).join(", ")}] in the ${block} block of the template`,
    );
}

/** Names that a value refers to and nothing bears. */
function unresolvedIn(value: Json, { parameters, resources, mappings, conditions }: Template): string[] {
  return [...referencesIn(value)].flatMap((reference) => {
    const { kind, name } = reference;
    switch (kind) {
      case "ref":
        return Object.hasOwn(parameters, name) || Object.hasOwn(resources, name) || pseudoParameters.includes(name)
          ? []
          : [name];
      case "attribute":
        if (Object.hasOwn(resources, name)) return [];
        if (reference.by === "Fn::Sub") return [name];
        throw templateError(`instance of Fn::GetAtt references undefined resource ${name}`);
      case "mapping":
        if (Object.hasOwn(mappings, name)) return [];
        throw templateError(`Mapping named '${name}' is not present in the 'Mappings' section of template.`);
      case "condition":
        if (Object.hasOwn(conditions, name)) return [];
        throw templateError(`unresolved condition dependency ${name} in Fn::If`);
      default:
        return kind satisfies never;
    }
  });
}

function checkConditions({ conditions, resources, outputs }: Template): void {
  const missing = (name: string | undefined) => name !== undefined && !Object.hasOwn(conditions, name);
  for (const [section, members] of [
    ["Resources", resources],
    ["Outputs", outputs],
  ] as const) {
    const found = Object.values(members).find(({ condition }) => missing(condition));
    if (found !== undefined)
      throw formatError(`Unresolved condition dependency ${found.condition} in the ${section} block of the template`);
  }
  const graph: Graph = new Map(Object.entries(conditions).map(([name, value]) => [name, new Set(conditionsIn(value))]));
  for (const name of [...graph.values()].flatMap((names) => [...names])) {
    if (missing(name))
      throw formatError(`Unresolved condition dependency ${name} in the Conditions block of the template`);
  }
  const circular = circle(graph);
  if (circular.length > 0)
    throw templateError(`Found circular condition dependency between conditions: [${circular.join(", ")}]`);
}

function checkPolicy(id: string, attribute: string, policy: Json | undefined, transforms: readonly string[]): void {
  if (policy === undefined) return;
  if (typeof policy !== "string") {
    if (transforms.includes(languageExtensions)) return;
    throw templateError(`every ${attribute} member must be a string. (resource ${id})`);
  }
  const allowed: readonly string[] =
    attribute === "DeletionPolicy"
      ? deletionPolicies
      : deletionPolicies.filter((name) => name !== "RetainExceptOnCreate");
  if (!allowed.includes(policy)) throw templateError(`resource ${id}: unrecognized ${attribute} ${policy}`);
  // The types that can be snapshot are none of Trysail's.
  if (policy === "Snapshot") throw templateError(`resource type of ${id} does not support deletion policy Snapshot`);
}
