/**
 * Whether text matches a pattern in which `*` stands for any characters, also none, and `?` for exactly one. Takes time
 * in proportion to the product of the lengths at worst, whatever the pattern.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  let at = 0;
  let inPattern = 0;
  let star = -1;
  let afterStar = 0;
  while (at < text.length) {
    const sign = pattern[inPattern];
    if (sign === "*") {
      star = inPattern++;
      afterStar = at;
    } else if (sign === "?" || sign === text[at]) {
      inPattern++;
      at++;
    } else if (star >= 0) {
      // The star takes one character more.
      inPattern = star + 1;
      at = ++afterStar;
    } else return false;
  }
  while (pattern[inPattern] === "*") inPattern++;
  return inPattern === pattern.length;
}
