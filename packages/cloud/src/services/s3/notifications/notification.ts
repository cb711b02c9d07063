import type { NotificationConfiguration, NotificationConfigurationFilter } from "@aws-sdk/client-s3";
import type { DeliveredEvent } from "../../../kernel/context.ts";

/** Who is told of an event, and by which part of the bucket's configuration. */
export interface Notified {
  readonly kind: "topic" | "function";
  readonly arn: string;
  readonly configurationId: string;
}

/** What the events of a bucket tell of it. */
interface Detail {
  readonly bucket: { readonly name: string };
  readonly object: Readonly<Record<string, unknown>> & { readonly key: string };
  readonly reason?: string;
  readonly "deletion-type"?: string;
  readonly "request-id": string;
  readonly requester: string;
  readonly "source-ip-address": string;
}

/** An event's name in notifications; undefined for what they do not tell of. */
export function eventName({ detailType, detail }: Pick<DeliveredEvent, "detailType" | "detail">): string | undefined {
  const { reason, "deletion-type": deletion } = detail as Partial<Detail>;
  switch (detailType) {
    case "Object Created":
      return `ObjectCreated:${({ PutObject: "Put", CopyObject: "Copy" } as Record<string, string>)[reason ?? ""] ?? reason}`;
    case "Object Deleted":
      return `ObjectRemoved:${deletion === "Delete Marker Created" ? "DeleteMarkerCreated" : "Delete"}`;
    case "Object Tags Added":
      return "ObjectTagging:Put";
    case "Object Tags Deleted":
      return "ObjectTagging:Delete";
    default:
      return undefined;
  }
}

function isMeant(key: string, filter: NotificationConfigurationFilter | undefined): boolean {
  return (filter?.Key?.FilterRules ?? []).every(({ Name, Value = "" }) =>
    Name?.toLowerCase() === "suffix" ? key.endsWith(Value) : key.startsWith(Value),
  );
}

/**
 * Whom a bucket's configuration has told of an event.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
 */
export function notifiedOf(configuration: NotificationConfiguration, event: DeliveredEvent): readonly Notified[] {
  const name = eventName(event);
  if (name === undefined) return [];
  const { key } = (event.detail as unknown as Detail).object;
  const wanted = new Set<string>([`s3:${name}`, `s3:${name.split(":")[0] ?? ""}:*`]);
  const { TopicConfigurations: topics = [], LambdaFunctionConfigurations: functions = [] } = configuration;
  const listed = [
    ...topics.map((one) => ({ ...one, kind: "topic" as const, arn: one.TopicArn })),
    ...functions.map((one) => ({ ...one, kind: "function" as const, arn: one.LambdaFunctionArn })),
  ];
  return listed.flatMap(({ kind, arn = "", Id = "", Events = [], Filter }) =>
    Events.some((one) => wanted.has(one)) && isMeant(key, Filter) ? [{ kind, arn, configurationId: Id }] : [],
  );
}

/** A key as notifications write it: as in a form, but for its slashes. */
const encodedKey = (key: string) => encodeURIComponent(key).replaceAll("%20", "+").replaceAll("%2F", "/");

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
export function notificationRecord(event: DeliveredEvent, { configurationId }: Notified): object {
  const detail = event.detail as unknown as Detail;
  const { bucket, object } = detail;
  const principalId = `AWS:${detail.requester}`;
  return {
    eventVersion: "2.1",
    eventSource: "aws:s3",
    awsRegion: event.region,
    eventTime: new Date(event.time).toISOString(),
    eventName: eventName(event),
    userIdentity: { principalId },
    requestParameters: { sourceIPAddress: detail["source-ip-address"] },
    responseElements: { "x-amz-request-id": detail["request-id"], "x-amz-id-2": event.id },
    s3: {
      s3SchemaVersion: "1.0",
      configurationId,
      bucket: { name: bucket.name, ownerIdentity: { principalId: event.account }, arn: event.resources?.[0] },
      object: {
        key: encodedKey(object.key),
        size: object["size"],
        eTag: object["etag"],
        versionId: object["version-id"],
        sequencer: object["sequencer"],
      },
    },
  };
}
