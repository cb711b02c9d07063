/** One header field, as it was sent, and its name as it is compared. */
export interface Header {
  readonly name: string;
  readonly lower: string;
  readonly value: string;
}

/** How a message's body ends (RFC 9112, 6.3). */
export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "close" };

export const noBody: Framing = { kind: "none" };

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// A control character hides a bare CR, LF or NUL: what one server takes for one field, another takes for two.
// oxlint-disable-next-line no-control-regex
const forbidden = /[\u0000-\u0008\u000a-\u001f\u007f]/;

export const isToken = (text: string): boolean => token.test(text);

export const hasControls = (text: string): boolean => forbidden.test(text);

/**
 * The fields of a message's head. Undefined if there is anything in them that two readers could understand in two ways:
 * a folded line, a space before the colon, a control character.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-5
 */
export function parseFields(lines: readonly string[], from: number, to: number): Header[] | undefined {
  const headers: Header[] = [];
  for (let index = from; index < to; index++) {
    const line = lines[index] ?? "";
    const colon = line.indexOf(":");
    if (colon <= 0) return undefined;
    const name = line.slice(0, colon);
    if (!token.test(name) || forbidden.test(line)) return undefined;
    headers.push({ name, lower: name.toLowerCase(), value: trimBlanks(line, colon + 1) });
  }
  return headers;
}

function trimBlanks(line: string, from: number): string {
  let start = from;
  let end = line.length;
  while (start < end && isBlank(line.charCodeAt(start))) start++;
  while (end > start && isBlank(line.charCodeAt(end - 1))) end--;
  return line.slice(start, end);
}

const isBlank = (code: number) => code === 0x20 || code === 0x09;

/** The members of a list field such as `Connection`, lower case. */
export const listMembers = (value: string): string[] =>
  value
    .split(",")
    .map((member) => member.trim().toLowerCase())
    .filter((member) => member !== "");

/** What the head says of its body's length; "bad" where it contradicts itself. */
export function declaredFraming(headers: readonly Header[]): Framing | "bad" | "unsupported" | undefined {
  let length: string | undefined;
  let coding: string | undefined;
  for (const { lower, value } of headers) {
    if (lower === "content-length") {
      if (length !== undefined || !/^\d{1,15}$/.test(value)) return "bad";
      length = value;
    } else if (lower === "transfer-encoding") {
      if (coding !== undefined) return "bad";
      coding = value.toLowerCase();
    }
  }
  if (coding !== undefined) {
    if (length !== undefined) return "bad";
    return coding === "chunked" ? { kind: "chunked" } : "unsupported";
  }
  return length === undefined ? undefined : { kind: "length", length: Number(length) };
}

/** Fields that are between two neighbours only, and are not handed on (RFC 9110, 7.6.1). */
export const hopByHop: ReadonlySet<string> = new Set(["connection", "keep-alive", "proxy-connection", "te", "upgrade"]);

/** Fields that end here: {@link hopByHop} and what `Connection` names beside. */
export function connectionFields(headers: readonly Header[]): { readonly members: readonly string[] } {
  let members: string[] | undefined;
  for (const { lower, value } of headers) {
    if (lower === "connection") members = [...(members ?? []), ...listMembers(value)];
  }
  return { members: members ?? noMembers };
}

const noMembers: readonly string[] = [];
