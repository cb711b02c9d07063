/** How a service's requests and replies are encoded. */
export type ProtocolName = "restXml" | "query" | "ec2Query" | "awsJson1_0" | "awsJson1_1" | "restJson1" | "smithyRpcV2Cbor";

/** An operation of AWS's model, implemented or not. */
export interface OperationModel {
  /** As AWS names it: `CreateSecret`. */
  readonly name: string;
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
  readonly operations: ReadonlyMap<string, OperationModel>;
}
