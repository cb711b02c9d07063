/**
 * Where a text stops being JSON: the offset of the first character that does not belong, or the text's length if it
 * ends too early. Undefined for a text that is JSON. (What `JSON.parse` throws does not tell the place reliably.)
 */
export function jsonMistake(text: string): number | undefined {
  let at = 0;
  const space = /[\t\n\r ]*/y;
  const word = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
  const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
  const eat = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return false;
    at += found[0].length;
    return true;
  };
  /** A string, quotes included. By hand, because a pattern would need a stack as deep as the string is long. */
  const eatString = (): boolean => {
    if (text[at] !== '"') return false;
    for (at += 1; at < text.length;) {
      const character = text[at] ?? "";
      if (character < " ") return false;
      if (character === "\\") {
        if (!eat(escape)) return false;
        continue;
      }
      at += 1;
      if (character === '"') return true;
    }
    return false;
  };
  const punctuation = (...wanted: readonly string[]): string | undefined => {
    eat(space);
    const next = wanted.find((one) => text[at] === one);
    if (next !== undefined) at += 1;
    return next;
  };
  const eatKey = (): boolean => {
    eat(space);
    return eatString() && punctuation(":") !== undefined;
  };

  // The brackets that are open, innermost last: no recursion, so that no depth is too much.
  const open: string[] = [];
  let wantsValue = true;
  for (;;) {
    if (wantsValue) {
      const bracket = punctuation("{", "[");
      if (bracket !== undefined) {
        if (punctuation(bracket === "{" ? "}" : "]") !== undefined) {
          wantsValue = false;
          continue;
        }
        open.push(bracket);
        if (bracket === "{" && !eatKey()) return at;
        continue;
      }
      if (text[at] === '"' ? !eatString() : !eat(word)) return at;
      wantsValue = false;
    }
    const around = open.at(-1);
    if (around === undefined) {
      eat(space);
      return at === text.length ? undefined : at;
    }
    const next = punctuation(",", around === "{" ? "}" : "]");
    if (next === undefined) return at;
    if (next !== ",") {
      open.pop();
      continue;
    }
    if (around === "{" && !eatKey()) return at;
    wantsValue = true;
  }
}
