import type {
  AnalyticsConfiguration,
  CORSRule,
  IntelligentTieringConfiguration,
  InventoryConfiguration,
  LifecycleRule,
  LifecycleRuleFilter,
  MetricsConfiguration,
  NotificationConfiguration,
  RoutingRule,
  Tag,
  WebsiteConfiguration,
} from "@aws-sdk/client-s3";

// CloudFormation names many of a bucket's settings otherwise than S3 does. What a template says may be a text where S3
// wants a number or a truth value: parameters are texts.

/** A value out of a template. */
export type Node = Readonly<Record<string, unknown>>;

export const nodes = (value: unknown): readonly Node[] => (Array.isArray(value) ? (value as readonly Node[]) : []);
export const node = (value: unknown): Node => (typeof value === "object" && value !== null ? (value as Node) : {});
export const text = (value: unknown): string | undefined =>
  value === undefined ? undefined : typeof value === "string" ? value : JSON.stringify(value);
export const number = (value: unknown): number | undefined => (value === undefined ? undefined : Number(value));
export const truth = (value: unknown): boolean | undefined =>
  value === undefined ? undefined : value === true || value === "true";
const texts = (value: unknown): string[] | undefined => (Array.isArray(value) ? value.map(String) : undefined);
const date = (value: unknown): Date | undefined => (value === undefined ? undefined : new Date(value as string));
const tags = (value: unknown): Tag[] =>
  nodes(value).map(({ Key, Value }) => ({ Key: text(Key), Value: text(Value) ?? "" }));

/** One tag alone, or a prefix alone, stands by itself; several conditions stand in an `And`. */
function filterOf(
  prefix: string | undefined,
  tagFilters: readonly Tag[],
  more: LifecycleRuleFilter = {},
): LifecycleRuleFilter | undefined {
  const [tag] = tagFilters;
  const conditions =
    (prefix === undefined ? 0 : 1) +
    tagFilters.length +
    Object.values(more).filter((each) => each !== undefined).length;
  if (conditions === 0) return undefined;
  if (conditions > 1)
    return {
      And: {
        ...more,
        ...(prefix !== undefined && { Prefix: prefix }),
        ...(tagFilters.length > 0 && { Tags: [...tagFilters] }),
      },
    };
  return tag === undefined ? { ...more, ...(prefix !== undefined && { Prefix: prefix }) } : { Tag: tag };
}

export function corsRules(value: unknown): CORSRule[] {
  return nodes(node(value)["CorsRules"]).map((rule) => ({
    ID: text(rule["Id"]),
    AllowedHeaders: texts(rule["AllowedHeaders"]),
    AllowedMethods: texts(rule["AllowedMethods"]),
    AllowedOrigins: texts(rule["AllowedOrigins"]),
    ExposeHeaders: texts(rule["ExposedHeaders"]),
    MaxAgeSeconds: number(rule["MaxAge"]),
  }));
}

export function websiteConfiguration(value: unknown): WebsiteConfiguration {
  const site = node(value);
  const all = site["RedirectAllRequestsTo"] === undefined ? undefined : node(site["RedirectAllRequestsTo"]);
  const index = text(site["IndexDocument"]);
  const error = text(site["ErrorDocument"]);
  const rules = nodes(site["RoutingRules"]).map((rule): RoutingRule => {
    const redirect = node(rule["RedirectRule"]);
    const condition = node(rule["RoutingRuleCondition"]);
    return {
      ...(rule["RoutingRuleCondition"] !== undefined && {
        Condition: {
          KeyPrefixEquals: text(condition["KeyPrefixEquals"]),
          HttpErrorCodeReturnedEquals: text(condition["HttpErrorCodeReturnedEquals"]),
        },
      }),
      Redirect: {
        HostName: text(redirect["HostName"]),
        HttpRedirectCode: text(redirect["HttpRedirectCode"]),
        Protocol: text(redirect["Protocol"]) as "http" | "https" | undefined,
        ReplaceKeyPrefixWith: text(redirect["ReplaceKeyPrefixWith"]),
        ReplaceKeyWith: text(redirect["ReplaceKeyWith"]),
      },
    };
  });
  return {
    ...(all !== undefined && {
      RedirectAllRequestsTo: { HostName: text(all["HostName"]), Protocol: text(all["Protocol"]) as "http" | undefined },
    }),
    ...(index !== undefined && { IndexDocument: { Suffix: index } }),
    ...(error !== undefined && { ErrorDocument: { Key: error } }),
    ...(rules.length > 0 && { RoutingRules: rules }),
  };
}

export function lifecycleRules(value: unknown): LifecycleRule[] {
  return nodes(node(value)["Rules"]).map((rule): LifecycleRule => {
    const many = (plural: string, single: string) =>
      rule[plural] === undefined ? (rule[single] === undefined ? [] : [node(rule[single])]) : nodes(rule[plural]);
    const transitions = many("Transitions", "Transition");
    const noncurrent = many("NoncurrentVersionTransitions", "NoncurrentVersionTransition");
    const expiration = {
      Days: number(rule["ExpirationInDays"]),
      Date: date(rule["ExpirationDate"]),
      ExpiredObjectDeleteMarker: truth(rule["ExpiredObjectDeleteMarker"]),
    };
    const noncurrentDays =
      number(rule["NoncurrentVersionExpirationInDays"]) ??
      number(node(rule["NoncurrentVersionExpiration"])["NoncurrentDays"]);
    const abortDays = number(node(rule["AbortIncompleteMultipartUpload"])["DaysAfterInitiation"]);
    const filter = filterOf(text(rule["Prefix"]), tags(rule["TagFilters"]), {
      ...(rule["ObjectSizeGreaterThan"] !== undefined && {
        ObjectSizeGreaterThan: number(rule["ObjectSizeGreaterThan"]),
      }),
      ...(rule["ObjectSizeLessThan"] !== undefined && { ObjectSizeLessThan: number(rule["ObjectSizeLessThan"]) }),
    });
    return {
      ID: text(rule["Id"]),
      Status: text(rule["Status"]) as "Enabled" | undefined,
      Filter: filter ?? { Prefix: "" },
      ...(Object.values(expiration).some((each) => each !== undefined) && { Expiration: expiration }),
      ...(transitions.length > 0 && {
        Transitions: transitions.map((each) => ({
          Days: number(each["TransitionInDays"]),
          Date: date(each["TransitionDate"]),
          StorageClass: text(each["StorageClass"]) as "GLACIER" | undefined,
        })),
      }),
      ...(noncurrentDays !== undefined && {
        NoncurrentVersionExpiration: {
          NoncurrentDays: noncurrentDays,
          NewerNoncurrentVersions: number(node(rule["NoncurrentVersionExpiration"])["NewerNoncurrentVersions"]),
        },
      }),
      ...(noncurrent.length > 0 && {
        NoncurrentVersionTransitions: noncurrent.map((each) => ({
          NoncurrentDays: number(each["TransitionInDays"]),
          NewerNoncurrentVersions: number(each["NewerNoncurrentVersions"]),
          StorageClass: text(each["StorageClass"]) as "GLACIER" | undefined,
        })),
      }),
      ...(abortDays !== undefined && { AbortIncompleteMultipartUpload: { DaysAfterInitiation: abortDays } }),
    };
  });
}

export function notificationConfiguration(value: unknown): NotificationConfiguration {
  const configuration = node(value);
  const common = (each: Node) => {
    const rules = nodes(node(node(each["Filter"])["S3Key"])["Rules"]);
    return {
      Events: [text(each["Event"]) as "s3:ObjectCreated:*"],
      ...(rules.length > 0 && {
        Filter: {
          Key: {
            FilterRules: rules.map(({ Name, Value }) => ({
              Name: text(Name) as "prefix" | undefined,
              Value: text(Value),
            })),
          },
        },
      }),
    };
  };
  const lists = {
    LambdaFunctionConfigurations: nodes(configuration["LambdaConfigurations"]).map((each) => ({
      LambdaFunctionArn: text(each["Function"]),
      ...common(each),
    })),
    QueueConfigurations: nodes(configuration["QueueConfigurations"]).map((each) => ({
      QueueArn: text(each["Queue"]),
      ...common(each),
    })),
    TopicConfigurations: nodes(configuration["TopicConfigurations"]).map((each) => ({
      TopicArn: text(each["Topic"]),
      ...common(each),
    })),
  };
  const bridge = configuration["EventBridgeConfiguration"];
  return {
    ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
    ...(bridge !== undefined &&
      truth(node(bridge)["EventBridgeEnabled"]) !== false && { EventBridgeConfiguration: {} }),
  };
}

export function metricsConfiguration(value: Node): MetricsConfiguration & { readonly Id: string } {
  const filter = filterOf(text(value["Prefix"]), tags(value["TagFilters"]));
  return {
    Id: text(value["Id"]) ?? "",
    ...(filter !== undefined && { Filter: filter as NonNullable<MetricsConfiguration["Filter"]> }),
  };
}

export function intelligentTieringConfiguration(
  value: Node,
): IntelligentTieringConfiguration & { readonly Id: string } {
  const filter = filterOf(text(value["Prefix"]), tags(value["TagFilters"]));
  return {
    Id: text(value["Id"]) ?? "",
    Status: text(value["Status"]) as "Enabled",
    ...(filter !== undefined && { Filter: filter }),
    Tierings: nodes(value["Tierings"]).map((each) => ({
      AccessTier: text(each["AccessTier"]) as "ARCHIVE_ACCESS",
      Days: number(each["Days"]) ?? 0,
    })),
  };
}

export function inventoryConfiguration(value: Node): InventoryConfiguration & { readonly Id: string } {
  const destination = node(value["Destination"]);
  return {
    Id: text(value["Id"]) ?? "",
    IsEnabled: truth(value["Enabled"]) ?? false,
    IncludedObjectVersions: text(value["IncludedObjectVersions"]) as "All",
    Schedule: { Frequency: text(value["ScheduleFrequency"]) as "Daily" },
    ...(value["Prefix"] !== undefined && { Filter: { Prefix: text(value["Prefix"]) ?? "" } }),
    ...(value["OptionalFields"] !== undefined && {
      OptionalFields: texts(value["OptionalFields"]) as NonNullable<InventoryConfiguration["OptionalFields"]>,
    }),
    Destination: {
      S3BucketDestination: {
        Bucket: text(destination["BucketArn"]),
        Format: text(destination["Format"]) as "CSV",
        Prefix: text(destination["Prefix"]),
        AccountId: text(destination["BucketAccountId"]),
      },
    },
  };
}

export function analyticsConfiguration(value: Node): AnalyticsConfiguration & { readonly Id: string } {
  const filter = filterOf(text(value["Prefix"]), tags(value["TagFilters"]));
  const dataExport = node(node(value["StorageClassAnalysis"])["DataExport"]);
  const destination = node(dataExport["Destination"]);
  return {
    Id: text(value["Id"]) ?? "",
    ...(filter !== undefined && { Filter: filter as NonNullable<AnalyticsConfiguration["Filter"]> }),
    StorageClassAnalysis: {
      ...(node(value["StorageClassAnalysis"])["DataExport"] !== undefined && {
        DataExport: {
          OutputSchemaVersion: text(dataExport["OutputSchemaVersion"]) as "V_1",
          Destination: {
            S3BucketDestination: {
              Bucket: text(destination["BucketArn"]),
              Format: text(destination["Format"]) as "CSV",
              Prefix: text(destination["Prefix"]),
              BucketAccountId: text(destination["BucketAccountId"]),
            },
          },
        },
      }),
    },
  };
}

/** `PublicRead` is `public-read`. */
export function cannedAcl(value: unknown): string {
  return (text(value) ?? "Private").replace(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}
