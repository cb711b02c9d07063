import type { Properties, ResourceType } from "../../../kernel/resource.ts";
import { sameJson } from "../template/json.ts";
import { unknownsIn } from "../template/resolve.ts";
import type { UnknownCause } from "../template/resolve.ts";

/** A property that is another than before, or may be. */
export interface PropertyChange {
  readonly name: string;
  /** Whether the type needs a new resource for it. */
  readonly replaces: boolean;
  /** The resources that decide it; empty if it is certain. */
  readonly causes: readonly UnknownCause[];
}

/** The properties that differ. A value that is not known yet counts as another one. */
export function changedProperties(
  type: Pick<ResourceType, "replacedBy" | "update">,
  before: Properties,
  after: Properties,
): readonly PropertyChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names
    .filter((name) => !sameJson(before[name], after[name]))
    .map((name) => ({ name, replaces: replaces(type, name, before, after), causes: unknownsIn(after[name]) }));
}

function replaces(
  { replacedBy = [], update }: Pick<ResourceType, "replacedBy" | "update">,
  name: string,
  before: Properties,
  after: Properties,
): boolean {
  if (update === undefined || replacedBy.includes(name)) return true;
  return replacedBy
    .filter((path) => path.startsWith(`${name}.`))
    .some((path) => {
      const parts = path.split(".");
      return !sameJson(at(before, parts), at(after, parts));
    });
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((holder, part) => {
    const members = holder as Readonly<Record<string, unknown>> | null | undefined;
    return typeof members === "object" && members !== null ? members[part] : undefined;
  }, value);
}
