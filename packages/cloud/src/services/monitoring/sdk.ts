/** What types this service's operations. */
export type Sdk = typeof import("@aws-sdk/client-cloudwatch");
