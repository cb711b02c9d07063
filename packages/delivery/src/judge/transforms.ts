/** Without the points that have no value. */
export function removeMissing(values: readonly number[]): readonly number[] {
  return values.filter((value) => !Number.isNaN(value));
}

/** With zeros for the points that have no value. */
export function replaceMissing(values: readonly number[]): readonly number[] {
  return values.map((value) => (Number.isNaN(value) ? 0 : value));
}

/**
 * A series as long as its window is in steps: a store of metrics that gives only what it has must not make the sides
 * look equally full.
 */
export function padSeries(
  values: readonly number[],
  window: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number },
): readonly number[] {
  const lacking = Math.floor((window.toMs - window.fromMs) / window.stepMs) - values.length;
  return lacking > 0 ? [...values, ...Array.from({ length: lacking }, () => Number.NaN)] : values;
}

/** Without the values that are marked. */
export function removeMarked(values: readonly number[], marks: readonly boolean[]): readonly number[] {
  return values.filter((_, index) => marks[index] !== true);
}
