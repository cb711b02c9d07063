import type { Millis } from "@trysail/core";
import type { Properties } from "../../../kernel/resource.ts";

/** What a custom resource's provider was asked. */
export interface CustomRequest {
  readonly stackId: string;
  readonly logicalId: string;
  /** Names the place of the answer in its URL: nobody guesses it. */
  readonly answerId: string;
  /** Whether the provider has been called; it may have been, if not. */
  readonly isSent: boolean;
  readonly deadline: Millis;
  /** What the provider has answered, as it came. The first answer counts. */
  readonly answer: string | undefined;
}

export type RequestType = "Create" | "Update" | "Delete";

/** What the answer has to name again. */
export interface RequestIdentity {
  readonly stackId: string;
  readonly requestId: string;
  readonly logicalId: string;
}

/**
 * The event that a provider is sent.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
 */
export function providerEvent(
  { stackId, requestId, logicalId }: RequestIdentity,
  request: {
    readonly type: RequestType;
    readonly resourceType: string;
    readonly answerUrl: string;
    readonly physicalId: string | undefined;
    readonly properties: Properties;
    readonly previous: Properties | undefined;
  },
): object {
  const { type, resourceType, answerUrl, physicalId, properties, previous } = request;
  return {
    RequestType: type,
    ServiceToken: properties["ServiceToken"],
    ResponseURL: answerUrl,
    StackId: stackId,
    RequestId: requestId,
    LogicalResourceId: logicalId,
    ...(physicalId !== undefined && { PhysicalResourceId: physicalId }),
    ResourceType: resourceType,
    ResourceProperties: stringified(properties),
    ...(previous !== undefined && { OldResourceProperties: stringified(previous) }),
  };
}

/** Providers get every number and truth value as a text. */
export function stringified(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stringified);
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined && member !== null);
    return Object.fromEntries(members.map(([key, member]) => [key, stringified(member)]));
  }
  return String(value);
}

/** The most that an answer may have. */
export const largestAnswerBytes = 4096;
const longestPhysicalIdBytes = 1024;

export type ReadAnswer =
  | {
      readonly status: "succeeded";
      readonly physicalId: string;
      readonly data: Readonly<Record<string, unknown>>;
      readonly isSecret: boolean;
    }
  | { readonly status: "failed"; readonly reason: string; readonly physicalId: string | undefined };

const failed = (reason: string, physicalId?: string): ReadAnswer => ({ status: "failed", reason, physicalId });

/**
 * What a provider's answer says.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
 */
export function readAnswer(text: string, identity: RequestIdentity): ReadAnswer {
  if (Buffer.byteLength(text) > largestAnswerBytes) return failed("Response object is too long.");
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return failed("Invalid response object: it is not valid JSON.");
  }
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) return failed("Invalid response object.");
  const members = answer as Readonly<Record<string, unknown>>;
  const { Status: status, Reason: reason, PhysicalResourceId: given, Data: data, NoEcho: noEcho } = members;
  for (const [name, expected] of [
    ["StackId", identity.stackId],
    ["RequestId", identity.requestId],
    ["LogicalResourceId", identity.logicalId],
  ] as const) {
    if (members[name] !== expected) return failed(`Invalid response object: ${name} is not that of the request.`);
  }
  const isId = typeof given === "string" && given !== "" && Buffer.byteLength(given) <= longestPhysicalIdBytes;
  if (status === "FAILED") {
    const told = typeof reason === "string" && reason !== "" ? reason : "See the details in CloudWatch Logs";
    return failed(
      `Received response status [FAILED] from custom resource. Message returned: ${told} (RequestId: ${identity.requestId})`,
      isId ? given : undefined,
    );
  }
  if (status !== "SUCCESS") return failed("Invalid response object: Status must be SUCCESS or FAILED.");
  if (!isId) return failed("Invalid PhysicalResourceId");
  const isData = typeof data === "object" && data !== null && !Array.isArray(data);
  if (data !== undefined && data !== null && !isData) return failed("Invalid response object: Data must be an object.");
  return {
    status: "succeeded",
    physicalId: given,
    data: isData ? (data as Record<string, unknown>) : {},
    isSecret: noEcho === true || noEcho === "true",
  };
}
