import type { AwsError } from "../kernel/errors.ts";
import type { HttpRequest, HttpResponse, RequestHead } from "./http.ts";
import type { OperationModel, ServiceModel } from "./model.ts";

/** The ids of all services of the snapshot. */
export declare function modelIds(): readonly string[];

/** Reads a service's model from the snapshot, once. */
export declare function loadModel(id: string): ServiceModel;

/** A request that was read: which operation it calls, with what. */
export interface DecodedRequest {
  readonly operation: OperationModel;
  readonly input: Record<string, unknown>;
}

/**
 * Finds the operation and decodes its input: reads the body (bounded; gzip, aws-chunked with trailers), checks required
 * members and declared checksums.
 *
 * @throws AwsError with the service's own code for an unknown operation, a body that cannot be read or a missing member
 */
export declare function decodeRequest(model: ServiceModel, request: HttpRequest): Promise<DecodedRequest>;

export declare function encodeResponse(
  model: ServiceModel,
  operation: OperationModel,
  output: Readonly<Record<string, unknown>>,
  meta: { readonly requestId: string },
): HttpResponse;

/** `head` is the request's: a reply to HEAD has no body, and a client that asked for query compatibility gets its header. */
export declare function encodeError(model: ServiceModel, head: RequestHead, error: AwsError, meta: { readonly requestId: string }): HttpResponse;
