import type { Result } from "./batch.ts";
import type { Outcome } from "../execution/outcome.ts";

/**
 * How a batch went: by the function's answer too, where the mapping lets it tell what failed.
 *
 * @param sequences - of the batch's records
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
 */
export function resultOf(outcome: Outcome, sequences: readonly string[], tellsFailures: boolean): Result {
  if (outcome.status === "failed") return { status: "failed" };
  if (!tellsFailures) return { status: "succeeded" };
  const failures = failuresIn(outcome.payload.toString());
  if (failures === undefined) return { status: "failed" };
  const indexes = failures.map((failure) => sequences.indexOf(failure));
  if (indexes.includes(-1)) return { status: "failed" };
  return indexes.length === 0 ? { status: "succeeded" } : { status: "failed-from", index: Math.min(...indexes) };
}

/** The records that an answer tells to have failed: none if it is empty. @returns undefined if it cannot be read */
function failuresIn(payload: string): readonly string[] | undefined {
  let answer: unknown;
  try {
    answer = payload === "" ? null : JSON.parse(payload);
  } catch {
    return undefined;
  }
  if (answer === null) return [];
  if (typeof answer !== "object") return undefined;
  const { batchItemFailures: failures = null } = answer as { readonly batchItemFailures?: unknown };
  if (failures === null) return [];
  if (!Array.isArray(failures)) return undefined;
  const ids = failures.map((failure: unknown) =>
    typeof failure === "object" && failure !== null && "itemIdentifier" in failure ? failure.itemIdentifier : undefined,
  );
  return ids.every((id) => typeof id === "string") ? ids : undefined;
}
