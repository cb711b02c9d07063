import type { RequestHead } from "./http.ts";
import type { HttpBinding, OperationModel, Segment, ServiceModel } from "./model.ts";
import { isDemanded, parametersOf } from "./snapshot.ts";

/** An operation that a request is for, and the parts of the path that are its labels, still encoded. */
export interface Match {
  readonly operation: OperationModel;
  readonly http: HttpBinding;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Finds the operation of a restXml or restJson1 request. Several may fit (PutObject, CopyObject and UploadPart share a
 * path), so those are tried first that demand most, and the query's and headers' required members must be there.
 *
 * @returns undefined if none fits
 */
export function route(model: ServiceModel, head: RequestHead, query: ReadonlyMap<string, string>): Match | undefined {
  const parts = partsOf(head.path);
  let incomplete: Match | undefined;
  let best: Match | undefined;
  for (const operation of model.routes.get(head.method) ?? []) {
    const { http } = operation;
    if (http === undefined || !hasParameters(http, query)) continue;
    if (best !== undefined && !isBetter(operation, best.operation, query)) continue;
    const labels = matchPath(http.segments, parts);
    if (labels === undefined) continue;
    if (hasDemanded(operation, head, query)) best = { operation, http, labels };
    else incomplete ??= { operation, http, labels };
  }
  // A parameter that names an operation means it, even if it then lacks something: `PUT ?renameObject` must not be
  // taken for PutObject.
  if (
    incomplete !== undefined &&
    parametersOf(incomplete.operation) > (best === undefined ? 0 : parametersOf(best.operation))
  ) {
    return incomplete;
  }
  return best;
}

/** Operations come in order, so a later one is better only where nothing but `x-id` tells the two apart. */
function isBetter(later: OperationModel, best: OperationModel, query: ReadonlyMap<string, string>): boolean {
  const id = query.get("x-id");
  return id === later.name && id !== best.name && parametersOf(later) === parametersOf(best);
}

function hasParameters(http: HttpBinding, query: ReadonlyMap<string, string>): boolean {
  for (const [key, value] of http.query) {
    // The aws CLI does not send it.
    if (key === "x-id") continue;
    const given = query.get(key);
    if (given === undefined || (value !== "" && given !== value)) return false;
  }
  return true;
}

function hasDemanded({ input }: OperationModel, head: RequestHead, query: ReadonlyMap<string, string>): boolean {
  for (const member of input?.members ?? []) {
    if (!isDemanded(member)) continue;
    if (member.location.in === "query" && !query.has(member.location.key)) return false;
    if (member.location.in === "header" && head.headers[member.location.header] === undefined) return false;
  }
  return true;
}

function partsOf(path: string): readonly string[] {
  const rest = path.startsWith("/") ? path.slice(1) : path;
  return rest === "" ? [] : rest.split("/");
}

function matchPath(segments: readonly Segment[], parts: readonly string[]): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    if ("literal" in segment) {
      if (parts[index] !== segment.literal) return undefined;
    } else {
      const value = segment.greedy ? parts.slice(index).join("/") : parts[index];
      if (value === undefined || value === "") return undefined;
      labels[segment.label] = value;
      if (segment.greedy) return labels;
    }
  }
  const left = parts.length - segments.length;
  // `/bucket/` is the bucket.
  return left === 0 || (left === 1 && parts.at(-1) === "") ? labels : undefined;
}
