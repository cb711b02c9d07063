import { isNode, LineCounter, parseDocument, type Document } from "yaml";
import type { Mistake } from "./mistake.ts";
import type { RolloutDocument } from "./document.ts";
import type { RolloutSpec } from "./model.ts";
import type { Place } from "./reader.ts";
import { rollout } from "./rollout.ts";

export type ReadRollout =
  | { readonly ok: true; readonly spec: RolloutSpec }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

/** More is no spec. */
const longestText = 1_000_000;
/** References within the document: more are a trap for who reads it. */
const mostAliases = 20;

/**
 * Reads a `rollout.yaml`, or the same as JSON.
 *
 * @returns the spec with all defaults in place, or all mistakes, in the order of the text
 */
export function parseRollout(text: string): ReadRollout {
  if (text.length > longestText) return { ok: false, mistakes: [{ path: "", message: "It is longer than 1 MB." }] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0)
    return {
      ok: false,
      mistakes: document.errors.map(({ pos: [at], message }) => ({
        path: "",
        message: `${message}.`.replace("..", "."),
        ...position(lines, at),
      })),
    };
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: mostAliases });
  } catch (error) {
    return { ok: false, mistakes: [{ path: "", message: error instanceof Error ? error.message : String(error) }] };
  }
  const place: Place = { path: [], mistakes: [] };
  const spec = rollout(value, place);
  if (spec !== undefined) return { ok: true, spec };
  const found = place.mistakes.map((mistake) => ({ ...mistake, ...position(lines, offsetOf(document, mistake.path)) }));
  return { ok: false, mistakes: found.toSorted((a, b) => a.line - b.line || a.column - b.column) };
}

/** The same for a document that is there already, such as one of a CDK app. */
export function checkRollout(document: RolloutDocument): ReadRollout {
  const place: Place = { path: [], mistakes: [] };
  const spec = rollout(document, place);
  return spec === undefined ? { ok: false, mistakes: place.mistakes } : { ok: true, spec };
}

function position(lines: LineCounter, offset: number): { readonly line: number; readonly column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

/** Where a field is; where it is missing, what it should be in. */
function offsetOf(document: Document, path: string): number {
  const parts = path.match(/[^.[\]]+/g) ?? [];
  for (let length = parts.length; length >= 0; length--) {
    const node: unknown = length === 0 ? document.contents : document.getIn(parts.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}
