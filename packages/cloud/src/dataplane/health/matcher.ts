/** Whether a status is one of the healthy ones: `200`, `200,202`, `200-299`. */
export function matchesStatus(matcher: string, status: number): boolean {
  return matcher.split(",").some((part) => {
    const [low = "", high = low] = part.trim().split("-");
    return status >= Number(low) && status <= Number(high);
  });
}
