/** How a point in time is written where the schema says so; else the place decides (body, header, query). */
export type TimestampFormat = "date-time" | "http-date" | "epoch-seconds";

export interface ScalarShape {
  readonly kind: "string" | "number" | "boolean" | "document";
}

/** Bytes; `stream` is bytes that are not held in memory: an object's body. */
export interface BlobShape {
  readonly kind: "blob" | "stream";
}

export interface TimestampShape {
  readonly kind: "timestamp";
  readonly format: TimestampFormat | undefined;
}

export interface ListShape {
  readonly kind: "list";
  readonly item: Member;
}

export interface MapShape {
  readonly kind: "map";
  readonly key: Member;
  readonly value: Member;
}

/** A structure, or a union (a structure of which one member is set), or an error's members. */
export interface StructureShape {
  readonly kind: "structure";
  /** As AWS's model names it: `PutObjectRequest`. */
  readonly name: string;
  readonly union: boolean;
  readonly members: readonly Member[];
  /** The element that it is as an XML document's root. */
  readonly xmlName: string;
}

export type SimpleShape = ScalarShape | BlobShape | TimestampShape;
export type Shape = SimpleShape | ListShape | MapShape | StructureShape;

/** Where in an HTTP message a member of a restXml or restJson1 structure is. */
export type Location =
  | { readonly in: "body" }
  | { readonly in: "payload" }
  | { readonly in: "status" }
  /** A part of the path. */
  | { readonly in: "label" }
  | { readonly in: "query"; readonly key: string }
  /** All parameters of the query that no other member takes. */
  | { readonly in: "queries" }
  /** The name is in lower case. */
  | { readonly in: "header"; readonly header: string }
  /** All headers that begin so, in lower case. */
  | { readonly in: "headers"; readonly prefix: string };

/** A member of a structure, a list's item, or a map's key or value: a shape with what holds for it there. */
export interface Member {
  readonly name: string;
  readonly shape: Shape;
  readonly required: boolean;
  /** What it is called in a body: JSON key, XML element or attribute, without a namespace's prefix. */
  readonly wireName: string;
  /** What it is called in a request of the query protocols. */
  readonly formName: string;
  /** In XML: items stand in the parent itself, without an element around them. */
  readonly flattened: boolean;
  readonly attribute: boolean;
  /** In XML: the attribute that declares the namespace, and the namespace. */
  readonly xmlns: readonly [attribute: string, uri: string] | undefined;
  readonly location: Location;
  /** Clients make one up where it is absent, so it is never demanded. */
  readonly idempotencyToken: boolean;
  /** Lists and maps of which an entry may be null. */
  readonly sparse: boolean;
  /** A stream of events, which has a framing of its own. */
  readonly eventStream: boolean;
  readonly mediaType: string | undefined;
}

/** An error of AWS's model. */
export interface ErrorShape {
  /** The code that clients match on; in the query protocols not always the shape's name. */
  readonly code: string;
  readonly shape: StructureShape;
}
