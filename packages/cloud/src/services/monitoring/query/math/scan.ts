/** A part of an expression. */
export type Token =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "name" | "text" | "sign"; readonly text: string };

const pattern =
  /\s*(?:(?<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)|(?<name>[A-Za-z_][A-Za-z0-9_]*)|'(?<single>[^']*)'|"(?<double>[^"]*)"|(?<sign>==|!=|<=|>=|&&|\|\||[-+*/^()[\],<>]))/y;

/** @throws Error that tells where an expression cannot be read */
export function scan(expression: string): readonly Token[] {
  const tokens: Token[] = [];
  const end = expression.trimEnd().length;
  let at = 0;
  while (at < end) {
    pattern.lastIndex = at;
    const found = pattern.exec(expression);
    if (found === null) throw new Error(`Unexpected character '${expression.slice(at).trimStart()[0] ?? ""}' at ${at}`);
    at = pattern.lastIndex;
    const { number, name, single, double, sign } = found.groups ?? {};
    if (number !== undefined) tokens.push({ kind: "number", value: Number(number) });
    else if (name !== undefined) tokens.push({ kind: "name", text: name });
    else if (sign !== undefined) tokens.push({ kind: "sign", text: sign });
    else tokens.push({ kind: "text", text: single ?? double ?? "" });
  }
  return tokens;
}
