import type { ErrorShape, StructureShape } from "./shape.ts";

/** How a service's requests and replies are encoded. */
export type ProtocolName =
  | "restXml"
  | "query"
  | "ec2Query"
  | "awsJson1_0"
  | "awsJson1_1"
  | "restJson1"
  | "smithyRpcV2Cbor";

/** How an operation of the restXml and restJson1 protocols is called. */
export interface HttpBinding {
  readonly method: string;
  /** The path, split at its slashes. A greedy label takes the rest of the path, slashes included. */
  readonly segments: readonly Segment[];
  /** Parameters that the query must have: `list-type=2`, or `acl` without a value. */
  readonly query: readonly (readonly [key: string, value: string])[];
  /** The status of a success. */
  readonly status: number;
}

export type Segment = { readonly literal: string } | { readonly label: string; readonly greedy: boolean };

/** An operation of AWS's model, implemented or not. */
export interface OperationModel {
  /** As AWS names it: `CreateSecret`. */
  readonly name: string;
  /** Undefined if it takes nothing. */
  readonly input: StructureShape | undefined;
  /** Undefined if it returns nothing. */
  readonly output: StructureShape | undefined;
  /** Of restXml and restJson1 only. */
  readonly http: HttpBinding | undefined;
}

/** A service of AWS's model. Read from the snapshot that the build makes of the SDK's schemas. */
export interface ServiceModel {
  /** The name that signatures carry, which is also our id of the service: `secretsmanager`. */
  readonly id: string;
  /** As AWS's SDKs name it: `Secrets Manager`. */
  readonly sdkId: string;
  readonly protocol: ProtocolName;
  /** The API's date, such as `2017-10-17`. */
  readonly version: string;
  /** What stands before the operation's name in `x-amz-target`. */
  readonly target: string;
  readonly xmlNamespace: string | undefined;
  /** The service spoke query before it spoke JSON, and clients still match on the codes of then. */
  readonly queryCompatible: boolean;
  readonly operations: ReadonlyMap<string, OperationModel>;
  /** Operations with an HTTP binding by method, those first that demand most of a request. */
  readonly routes: ReadonlyMap<string, readonly OperationModel[]>;
  /** By code, and by the shape's name where that is another. */
  readonly errors: ReadonlyMap<string, ErrorShape>;
}

/** A request that was read: which operation it calls, with what. */
export interface DecodedRequest {
  readonly operation: OperationModel;
  readonly input: Record<string, unknown>;
}
