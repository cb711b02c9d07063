import type { Context } from "../../../kernel/context.ts";
import { followPlain } from "../engine/secrets.ts";
import { instantiate, readTemplate } from "../environment.ts";
import type { StackIdentity } from "../environment.ts";
import type { Stack } from "../model.ts";
import type { Requested } from "../requested.ts";
import { resourcesOf, templateOf } from "../store.ts";
import { dynamicReferences, replaceDynamic } from "../template/dynamic-references.ts";
import { sameJson, stringsIn } from "../template/json.ts";
import { resolve } from "../template/resolve.ts";
import { planChanges } from "./plan.ts";
import type { ResourcePlan } from "./plan.ts";

/** What a request would change. */
export interface Plan {
  readonly changes: readonly ResourcePlan[];
  /** Nothing at all: no resource, no output, no tag, no topic. */
  readonly isEmpty: boolean;
}

/**
 * Tells what a request would do to a stack.
 *
 * @param stack - the stack as it is; undefined for a new one
 * @throws TemplateError if a function of the template gives no value
 */
export async function planRequest(
  ctx: Context,
  identity: StackIdentity,
  stack: Stack | undefined,
  { template, desired }: Requested,
): Promise<Plan> {
  const rows = new Map((stack === undefined ? [] : resourcesOf(ctx, stack.id)).map((row) => [row.logicalId, row]));
  const previousText = stack === undefined ? "" : templateOf(ctx, stack.id);
  const { present } = instantiate(ctx, identity, template, desired, () => "unknown");
  const environment = (isUnknown: (logicalId: string) => boolean) =>
    instantiate(ctx, identity, template, desired, (id) => {
      if (!present.has(id)) return undefined;
      const row = rows.get(id);
      return row?.physicalId === undefined || isUnknown(id) ? "unknown" : row;
    }).environment;
  const input = {
    template,
    previous: previousText === "" ? undefined : readTemplate(previousText, stack?.values ?? {}),
    rows,
    types: ctx.resourceTypes,
    tagsChanged: stack !== undefined && !sameJson(stack.tags, desired.tags),
    present,
    environment,
  };

  // A first look finds the references, which can only be followed by waiting; the plan itself waits for nothing.
  const references = new Set<string>();
  const collect = (value: unknown) => {
    for (const text of stringsIn(value))
      for (const reference of dynamicReferences(text)) if (reference.service === "ssm") references.add(reference.text);
    return value;
  };
  let changes = planChanges({ ...input, follow: collect });
  if (references.size > 0) {
    const values = new Map<string, string>();
    for (const reference of references) values.set(reference, await followPlain(ctx, reference));
    changes = planChanges({ ...input, follow: (value) => replaceDynamic(value, ({ text }) => values.get(text)) });
  }

  const replaced = new Set(
    changes.filter(({ replacement = "False" }) => replacement !== "False").map(({ logicalId }) => logicalId),
  );
  const known = environment((id) => replaced.has(id));
  const outputs = Object.entries(template.outputs)
    .filter(([, { condition }]) => condition === undefined || known.condition(condition))
    .map(([key, { value, description, exportName }]) => ({
      key,
      value: resolve(value, known),
      description,
      exportName: exportName === undefined ? undefined : resolve(exportName, known),
    }));
  const sameOutputs = stack !== undefined && sameJson(outputs.map(comparable), stack.outputs.map(comparable));
  const sameTopics = sameJson(stack?.notificationArns ?? [], desired.notificationArns ?? []);
  return { changes, isEmpty: changes.length === 0 && sameOutputs && !input.tagsChanged && sameTopics };
}

function comparable({
  key,
  value,
  description = "",
  exportName = "",
}: {
  key: string;
  value: unknown;
  description?: string | undefined;
  exportName?: unknown;
}) {
  return {
    key,
    value: typeof value === "number" || typeof value === "boolean" ? String(value) : value,
    description,
    exportName,
  };
}
