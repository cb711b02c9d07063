import { hash } from "node:crypto";
import type { ServiceModel } from "./model.ts";

/** The headers in which a reply tells the request's id, as the service's clients look for them. */
export function requestIdHeaders(model: ServiceModel, requestId: string): Record<string, string> {
  return model.id === "s3"
    ? { "x-amz-request-id": requestId, "x-amz-id-2": hostId(requestId) }
    : { "x-amzn-requestid": requestId };
}

/** S3's second id, opaque to clients. */
export function hostId(requestId: string): string {
  return hash("sha256", requestId, "base64");
}
