import type { DeliveredEvent } from "../../../kernel/context.ts";
import type { Target } from "../model.ts";
import { eventJson } from "../model.ts";

/** One step of a path: a field, or a place in a list. */
type PathStep = string | number;

/**
 * Reads a path: `$.detail.state`, `$.resources[0]`, `$['detail-type']`.
 *
 * @returns undefined if it is none
 */
export function parsePath(path: string): readonly PathStep[] | undefined {
  if (!path.startsWith("$")) return undefined;
  const steps: PathStep[] = [];
  const pattern = /\.(?<field>[\w-]+)|\[(?<index>\d+)\]|\[(?<quote>['"])(?<name>.*?)\k<quote>\]/y;
  pattern.lastIndex = 1;
  while (pattern.lastIndex < path.length) {
    const { field, index, name } = pattern.exec(path)?.groups ?? {};
    if (field === undefined && index === undefined && name === undefined) return undefined;
    steps.push(index === undefined ? (field ?? name ?? "") : Number(index));
  }
  return steps;
}

/** What lies at a path; undefined if nothing does. */
export function valueAt(value: unknown, steps: readonly PathStep[]): unknown {
  let found = value;
  for (const step of steps) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, step)) return undefined;
    found = (found as Readonly<Record<PathStep, unknown>>)[step];
  }
  return found;
}

/** What is told beside the event itself. */
export interface Delivering {
  readonly ruleArn: string;
  readonly ruleName: string;
  /** When the event came in, in milliseconds. */
  readonly since: number;
}

/**
 * The text that a target is sent of an event, as the target says.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
export function inputFor(target: Target, event: DeliveredEvent, delivering: Delivering): string {
  const json = eventJson(event);
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return JSON.stringify(valueAt(json, parsePath(target.InputPath) ?? []) ?? null);
  const { InputTransformer: transformer } = target;
  if (transformer === undefined) return JSON.stringify(json);
  const { detail: _, ...withoutDetail } = json;
  const variables = new Map<string, unknown>([
    ["aws.events.rule-arn", delivering.ruleArn],
    ["aws.events.rule-name", delivering.ruleName],
    ["aws.events.event.ingestion-time", new Date(delivering.since).toISOString()],
    ["aws.events.event", withoutDetail],
    ["aws.events.event.json", json],
  ]);
  for (const [name, path] of Object.entries(transformer.InputPathsMap ?? {}))
    variables.set(name, valueAt(json, parsePath(path) ?? []));
  return fillTemplate(transformer.InputTemplate ?? "", variables);
}

/**
 * A template with its `<names>` replaced: inside of quotes by text, elsewhere by JSON. A name that there is not stays; one
 * without a value leaves nothing.
 */
export function fillTemplate(template: string, variables: ReadonlyMap<string, unknown>): string {
  let isQuoted = false;
  return template.replaceAll(/\\.|"|<(?<name>[\w.-]+)>/g, (text, name: string | undefined) => {
    if (text === '"') isQuoted = !isQuoted;
    if (name === undefined || !variables.has(name)) return text;
    const value = variables.get(name);
    if (value === undefined) return "";
    if (!isQuoted) return JSON.stringify(value);
    // Within a string it is a part of that string.
    const plain = typeof value === "string" ? value : JSON.stringify(value);
    return JSON.stringify(plain).slice(1, -1);
  });
}
