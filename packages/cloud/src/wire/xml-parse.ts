/** An element with all that is in it. Comments and processing instructions are left out. */
export interface XmlElement {
  /** Without its namespace's prefix. */
  readonly name: string;
  /** By name without prefix; declarations of namespaces are left out. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** All text directly in it, entities resolved, CDATA included. */
  readonly text: string;
}

/** A document is not well-formed, or holds what is not taken from a client: a document type, entities of its own. */
export class XmlSyntaxError extends Error {
  override readonly name = "XmlSyntaxError";
}

/** Deeper than any schema. */
const depthMax = 100;

const nameEnd = /[\s/>=]/g;
const nonSpace = /\S/g;

/**
 * Parses a document, strictly.
 *
 * Own code, since fast-xml-parser resolves entities that a document declares and drops references to control
 * characters, which S3's keys may have.
 *
 * @throws XmlSyntaxError
 */
export function parseXml(text: string): XmlElement {
  const parser = new Parser(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  return parser.document();
}

interface OpenElement {
  readonly qualifiedName: string;
  readonly attributes: Record<string, string>;
  readonly children: XmlElement[];
  text: string;
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): XmlElement {
    this.#skipMisc();
    const root = this.#tree();
    this.#skipMisc();
    if (this.#at < this.#text.length) throw this.#error("content after the root element");
    return root;
  }

  /** Without recursion: a client decides on the depth. */
  #tree(): XmlElement {
    const open: OpenElement[] = [];
    for (;;) {
      const parent = open.at(-1);
      if (this.#skipAside()) continue;
      if (parent !== undefined && this.#text.startsWith("<![CDATA[", this.#at)) {
        this.#at += 9;
        parent.text += this.#until("]]>");
      } else if (parent !== undefined && this.#text.startsWith("</", this.#at)) {
        this.#at += 2;
        if (this.#until(">").trimEnd() !== parent.qualifiedName)
          throw this.#error(`<${parent.qualifiedName}> is not closed`);
        open.pop();
        const element = closed(parent);
        const outer = open.at(-1);
        if (outer === undefined) return element;
        outer.children.push(element);
      } else if (this.#text[this.#at] === "<") {
        this.#at += 1;
        const { element, empty } = this.#startTag();
        if (!empty) {
          if (open.push(element) > depthMax) throw this.#error("elements nested too deep");
        } else if (parent === undefined) {
          return closed(element);
        } else {
          parent.children.push(closed(element));
        }
      } else if (parent === undefined) {
        throw this.#error("no root element");
      } else {
        const end = this.#text.indexOf("<", this.#at);
        if (end === -1) throw this.#error(`<${parent.qualifiedName}> is not closed`);
        parent.text += this.#resolve(this.#text.slice(this.#at, end));
        this.#at = end;
      }
    }
  }

  #startTag(): { element: OpenElement; empty: boolean } {
    const element: OpenElement = { qualifiedName: this.#name(), attributes: {}, children: [], text: "" };
    for (;;) {
      this.#skipSpace();
      if (this.#text[this.#at] === ">") {
        this.#at += 1;
        return { element, empty: false };
      }
      if (this.#text.startsWith("/>", this.#at)) {
        this.#at += 2;
        return { element, empty: true };
      }
      this.#attribute(element.attributes);
    }
  }

  #attribute(attributes: Record<string, string>): void {
    const name = this.#name();
    this.#skipSpace();
    if (this.#text[this.#at] !== "=") throw this.#error(`attribute ${name} has no value`);
    this.#at += 1;
    this.#skipSpace();
    const quote = this.#text[this.#at];
    if (quote !== '"' && quote !== "'") throw this.#error(`attribute ${name} is not quoted`);
    this.#at += 1;
    const value = this.#until(quote);
    if (value.includes("<")) throw this.#error(`attribute ${name} holds <`);
    if (name !== "xmlns" && !name.startsWith("xmlns:")) attributes[localName(name)] = this.#resolve(value);
  }

  #name(): string {
    nameEnd.lastIndex = this.#at;
    const end = nameEnd.exec(this.#text)?.index ?? this.#text.length;
    const name = this.#text.slice(this.#at, end);
    if (!/^[\p{L}_:][\p{L}\p{N}\p{M}._:·-]*$/u.test(name)) throw this.#error("a name is expected");
    this.#at = end;
    return name;
  }

  /** What may stand before and after the root element. */
  #skipMisc(): void {
    do this.#skipSpace();
    while (this.#skipAside());
  }

  /** A comment or a processing instruction. */
  #skipAside(): boolean {
    if (this.#text.startsWith("<?", this.#at)) {
      this.#until("?>");
      return true;
    }
    if (this.#text.startsWith("<!--", this.#at)) {
      this.#at += 4;
      this.#until("-->");
      return true;
    }
    return false;
  }

  #skipSpace(): void {
    nonSpace.lastIndex = this.#at;
    this.#at = nonSpace.exec(this.#text)?.index ?? this.#text.length;
  }

  #until(end: string): string {
    const index = this.#text.indexOf(end, this.#at);
    if (index === -1) throw this.#error(`${end} is expected`);
    const text = this.#text.slice(this.#at, index);
    this.#at = index + end.length;
    return text;
  }

  /** References to characters and to the five entities of XML itself. */
  #resolve(raw: string): string {
    const text = raw.includes("\r") ? raw.replaceAll(/\r\n?/g, "\n") : raw;
    if (!text.includes("&")) return text;
    return text.replaceAll(/&([^;&]{0,12})(;?)/g, (_, reference: string, semicolon: string) => {
      const resolved = semicolon === ";" ? (ENTITIES.get(reference) ?? characterOf(reference)) : undefined;
      if (resolved === undefined) throw this.#error(`&${reference}; is not known`);
      return resolved;
    });
  }

  #error(problem: string): XmlSyntaxError {
    return new XmlSyntaxError(`${problem} (at character ${this.#at + 1})`);
  }
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
  ["apos", "'"],
]);

function characterOf(reference: string): string | undefined {
  const [, hex, decimal] = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(reference) ?? [];
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  // Control characters are not XML 1.0's, but S3 sends and takes them so.
  return code >= 1 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : undefined;
}

function closed({ qualifiedName, attributes, children, text }: OpenElement): XmlElement {
  return { name: localName(qualifiedName), attributes, children, text };
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}
