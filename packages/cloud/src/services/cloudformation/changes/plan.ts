import { resourceTypeNamed } from "../../../kernel/resource.ts";
import type { Properties, ResourceType } from "../../../kernel/resource.ts";
import type { ResourceRow } from "../model.ts";
import { inOrder } from "../template/graph.ts";
import { isObject, sameJson } from "../template/json.ts";
import type { Json } from "../template/json.ts";
import type { ResourceDefinition, Template } from "../template/model.ts";
import { policiesOf } from "../template/policies.ts";
import { referencesIn } from "../template/references.ts";
import { Unknown, resolve } from "../template/resolve.ts";
import type { Environment } from "../template/resolve.ts";
import { dependencyGraph } from "../template/validate.ts";
import { changedProperties } from "./compare.ts";
import type { PropertyChange } from "./compare.ts";

type Scope =
  | "Properties"
  | "Metadata"
  | "Tags"
  | "CreationPolicy"
  | "UpdatePolicy"
  | "DeletionPolicy"
  | "UpdateReplacePolicy";

/** Whether the resource is replaced: surely, surely not, or if a value that is not known yet turns out to be another one. */
export type Replacement = "True" | "False" | "Conditional";

/** What would happen to one resource. */
export interface ResourcePlan {
  readonly action: "Add" | "Modify" | "Remove";
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string | undefined;
  readonly replacement: Replacement | undefined;
  readonly scope: readonly Scope[];
  readonly details: readonly PlanDetail[];
  /** What becomes of the old resource, where it does not simply go. */
  readonly policyAction: "Delete" | "Retain" | "ReplaceAndDelete" | "ReplaceAndRetain" | undefined;
  readonly before: Properties | undefined;
  readonly after: Properties | undefined;
}

export interface PlanDetail {
  readonly attribute: Scope;
  readonly name: string | undefined;
  readonly recreation: "Always" | "Never" | "Conditionally";
  readonly evaluation: "Static" | "Dynamic";
  readonly source: "DirectModification" | "ParameterReference" | "ResourceReference" | "ResourceAttribute";
  readonly causingEntity: string | undefined;
}

export interface PlanInput {
  readonly template: Template;
  /** The template that the stack has; undefined for a new one. */
  readonly previous: Template | undefined;
  readonly rows: ReadonlyMap<string, ResourceRow>;
  readonly types: ReadonlyMap<string, ResourceType>;
  readonly tagsChanged: boolean;
  readonly present: ReadonlySet<string>;
  /** Functions' values, given which resources are not known yet. */
  environment(isUnknown: (logicalId: string) => boolean): Environment;
  /** A reference to a plain parameter, followed; anything else as it is. */
  follow(value: unknown): unknown;
}

/** Tells what bringing a stack to its template would do, resource by resource; those that stay as they are are left out. */
export function planChanges(input: PlanInput): readonly ResourcePlan[] {
  const { template, rows, present } = input;
  const plans = new Map<string, ResourcePlan>();
  // A resource that is replaced has another id and other attributes, which nobody knows before.
  const environment = input.environment((logicalId) => {
    const plan = plans.get(logicalId);
    return plan !== undefined && (plan.action === "Add" || (plan.replacement ?? "False") !== "False");
  });
  for (const logicalId of inOrder(dependencyGraph(template))) {
    const definition = template.resources[logicalId];
    if (definition === undefined || !present.has(logicalId)) continue;
    const plan = planOne(input, environment, logicalId, definition);
    if (plan !== undefined) plans.set(logicalId, plan);
  }
  const removed = [...rows.values()].filter(({ logicalId }) => !present.has(logicalId));
  const ordered = Object.keys(template.resources).flatMap((id) => plans.get(id) ?? []);
  return [...ordered, ...removed.map(removal)];
}

function removal(row: ResourceRow): ResourcePlan {
  const retained = row.deletionPolicy?.startsWith("Retain") === true;
  return {
    action: "Remove",
    logicalId: row.logicalId,
    type: row.type,
    physicalId: row.physicalId,
    replacement: undefined,
    scope: [],
    details: [],
    policyAction: retained ? "Retain" : "Delete",
    before: row.properties,
    after: undefined,
  };
}

function planOne(
  input: PlanInput,
  environment: Environment,
  logicalId: string,
  definition: ResourceDefinition,
): ResourcePlan | undefined {
  const row = input.rows.get(logicalId);
  const type = resourceTypeNamed(input.types, definition.type);
  const resolved = input.follow(resolve(definition.properties, environment));
  const after: Properties = isObject(resolved) ? resolved : {};
  const base = {
    logicalId,
    type: definition.type,
    physicalId: row?.physicalId,
    before: row?.properties,
    after: shown(after) as Properties,
  };
  if (row?.physicalId === undefined) {
    return { ...base, action: "Add", replacement: undefined, scope: [], details: [], policyAction: undefined };
  }
  const replacedType = row.type !== definition.type;
  const changes = changedProperties(type ?? {}, row.properties, after);
  const details = changes.map((change) => detailOf(input, definition, change));
  const policies = policiesOf(definition, environment);
  const names = changes.map((change) => change.name);
  const byPolicy = type?.replacedByPolicy?.(policies, names) === true;
  const certain = byPolicy || replacedType || changes.some(({ replaces, causes }) => replaces && causes.length === 0);
  const possible = changes.some(({ replaces, causes }) => replaces && causes.length > 0);
  const failedHalfWay = row.status === "UPDATE_FAILED";

  const scope: Scope[] = changes.length > 0 || replacedType || failedHalfWay ? ["Properties"] : [];
  const also = (attribute: Scope, differs: boolean) => {
    if (!differs) return;
    scope.push(attribute);
    details.push({
      attribute,
      name: undefined,
      recreation: "Never",
      evaluation: "Static",
      source: "DirectModification",
      causingEntity: undefined,
    });
  };
  const policy = (value: Json | undefined) => (value === undefined ? undefined : String(resolve(value, environment)));
  also("Tags", input.tagsChanged && type?.properties.includes("Tags") === true);
  also("Metadata", !sameJson(row.metadata, definition.metadata));
  also("CreationPolicy", !sameJson(row.policies?.CreationPolicy, policies.CreationPolicy));
  also("UpdatePolicy", !sameJson(row.policies?.UpdatePolicy, policies.UpdatePolicy));
  also("DeletionPolicy", row.deletionPolicy !== policy(definition.deletionPolicy));
  also("UpdateReplacePolicy", row.updateReplacePolicy !== policy(definition.updateReplacePolicy));
  if (scope.length === 0) return undefined;
  const replacement: Replacement = certain ? "True" : possible ? "Conditional" : "False";
  const retained = policy(definition.updateReplacePolicy) === "Retain";
  const policyAction = certain ? (retained ? "ReplaceAndRetain" : "ReplaceAndDelete") : undefined;
  return { ...base, action: "Modify", replacement, scope, details, policyAction };
}

/** Properties as change sets show them: what is not known yet has a text of its own. */
function shown(value: unknown): unknown {
  if (value instanceof Unknown) return "{{changeSet:KNOWN_AFTER_APPLY}}";
  if (Array.isArray(value)) return value.map(shown);
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shown(item)])) : value;
}

/** Why a property changes, as change sets tell it. */
function detailOf(
  { template, previous }: PlanInput,
  definition: ResourceDefinition,
  { name, replaces, causes }: PropertyChange,
): PlanDetail {
  const property = definition.properties[name];
  const recreation = replaces ? (causes.length > 0 ? "Conditionally" : "Always") : "Never";
  const common = { attribute: "Properties", name, recreation } as const;
  const [cause] = causes;
  if (cause !== undefined) {
    const { logicalId, attribute } = cause;
    const source = attribute === undefined ? "ResourceReference" : "ResourceAttribute";
    return {
      ...common,
      evaluation: "Dynamic",
      source,
      causingEntity: attribute === undefined ? logicalId : `${logicalId}.${attribute}`,
    };
  }
  const wasWritten = Object.values(previous?.resources ?? {}).some(
    (resource) => resource.type === definition.type && sameJson(resource.properties[name], property),
  );
  const parameter =
    property === undefined
      ? undefined
      : [...referencesIn(property)].find(
          ({ kind, name: named }) => kind === "ref" && Object.hasOwn(template.parameters, named),
        );
  const byParameter = wasWritten && parameter !== undefined;
  return {
    ...common,
    evaluation: "Static",
    source: byParameter ? "ParameterReference" : "DirectModification",
    causingEntity: byParameter ? parameter.name : undefined,
  };
}
