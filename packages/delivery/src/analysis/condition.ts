/** A comparison with what was measured. Data, not an expression in a language: nothing is evaluated. */
export type Condition =
  | { readonly op: "<" | "<=" | ">" | ">=" | "==" | "!="; readonly value: number }
  | { readonly op: "isNaN" }
  | { readonly op: "not"; readonly of: Condition }
  | { readonly op: "and" | "or"; readonly of: readonly Condition[] };

/** Whether it holds. NaN compares as in IEEE 754: only `!=` and `isNaN` hold. */
export function holds(condition: Condition, measured: number): boolean {
  switch (condition.op) {
    case "<":
      return measured < condition.value;
    case "<=":
      return measured <= condition.value;
    case ">":
      return measured > condition.value;
    case ">=":
      return measured >= condition.value;
    case "==":
      return measured === condition.value;
    case "!=":
      return measured !== condition.value;
    case "isNaN":
      return Number.isNaN(measured);
    case "not":
      return !holds(condition.of, measured);
    case "and":
      return condition.of.every((one) => holds(one, measured));
    case "or":
      return condition.of.some((one) => holds(one, measured));
  }
}
