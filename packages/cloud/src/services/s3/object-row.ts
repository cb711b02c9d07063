import type { Algorithm, ChecksumType } from "./checksums.ts";
import type { Body, ObjectAttributes, StoredObject } from "./model.ts";

/** What few objects have: anything that is not as it is by default. */
type Extras = Partial<ObjectAttributes>;

/**
 * A current object as it is kept: a tuple, which is an eighth of the work of a record to write and to read, and what a
 * listing shows stands first.
 */
export type ObjectRow = readonly [
  lastModified: number,
  sizeBytes: number,
  etag: string,
  storageClass: string,
  checksumAlgorithm: Algorithm | "",
  checksumValue: string,
  checksumType: ChecksumType | "",
  order: number,
  /** Empty for the null version. */
  versionId: string,
  bodyKind: Body["kind"],
  bodyId: string,
  partCount: number,
  contentType: string,
  extras?: Extras,
];

const isEmpty = (value: object) => Object.keys(value).length === 0;

export function toRow(object: StoredObject): ObjectRow {
  const { checksum, body, headers, metadata, redirect, encryption, tags, grants, lock } = object;
  const { ContentType = "", ...otherHeaders } = headers;
  const extras: Extras = {
    ...(!isEmpty(otherHeaders) && { headers: otherHeaders }),
    ...(!isEmpty(metadata) && { metadata }),
    ...(redirect !== undefined && { redirect }),
    ...(encryption.algorithm !== "AES256" && { encryption }),
    ...(!isEmpty(tags) && { tags }),
    ...(grants !== undefined && { grants }),
    ...(lock !== undefined && { lock }),
  };
  return [
    object.lastModified,
    object.sizeBytes,
    object.etag,
    object.storageClass,
    checksum?.algorithm ?? "",
    checksum?.value ?? "",
    checksum?.type ?? "",
    object.order,
    object.versionId ?? "",
    body.kind,
    body.kind === "empty" ? "" : body.id,
    body.kind === "parts" ? body.count : 0,
    ContentType,
    ...(isEmpty(extras) ? [] : [extras]),
  ] as const as ObjectRow;
}

function toBody(kind: Body["kind"], id: string, count: number): Body {
  switch (kind) {
    case "empty":
      return { kind };
    case "inline":
    case "blob":
      return { kind, id };
    case "parts":
      return { kind, id, count };
  }
}

export function fromRow(row: ObjectRow): StoredObject {
  const [
    lastModified,
    sizeBytes,
    etag,
    storageClass,
    algorithm,
    value,
    type,
    order,
    versionId,
    kind,
    id,
    count,
    contentType,
    extras = {},
  ] = row;
  return {
    deleteMarker: false,
    lastModified,
    sizeBytes,
    etag,
    storageClass,
    checksum: algorithm === "" || type === "" ? undefined : { algorithm, value, type },
    order,
    versionId: versionId === "" ? undefined : versionId,
    body: toBody(kind, id, count),
    headers: { ...(contentType !== "" && { ContentType: contentType }), ...extras.headers },
    metadata: extras.metadata ?? {},
    redirect: extras.redirect,
    encryption: extras.encryption ?? { algorithm: "AES256", keyId: undefined, bucketKey: false },
    tags: extras.tags ?? {},
    grants: extras.grants,
    lock: extras.lock,
  };
}
