import type { Properties } from "../../../kernel/resource.ts";

/** A tag as templates write it. */
export interface TagProperty {
  readonly Key: string;
  readonly Value: string;
}

/** A policy document as IAM takes it: templates write it as an object, some as a text. */
export function documentText(document: unknown): string {
  return typeof document === "string" ? document : JSON.stringify(document);
}

/** A list of texts; empty where the property is absent. */
export function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

/** Whether a property is another than before. */
export function changed(name: string, now: Properties, before: Properties): boolean {
  return JSON.stringify(now[name]) !== JSON.stringify(before[name]);
}

/** What is new in a list, and what has gone from it. */
export function listChanges<T>(
  before: readonly T[],
  now: readonly T[],
): { readonly added: T[]; readonly removed: T[] } {
  return { added: now.filter((one) => !before.includes(one)), removed: before.filter((one) => !now.includes(one)) };
}

export interface InlinePolicyProperty {
  readonly PolicyName: string;
  readonly PolicyDocument: unknown;
}
