import { partitionOf } from "@trysail/core";
import type { Millis } from "@trysail/core";
import type { ProviderType, VpcConfiguration } from "@aws-sdk/client-codestar-connections";
import type { Context } from "../../kernel/context.ts";

export type Tags = Readonly<Record<string, string>>;

/** A connection to a host of repositories. It is AVAILABLE from the start. */
export interface Connection {
  readonly id: string;
  readonly name: string;
  readonly provider: ProviderType;
  /** Id of the host that it goes to, for providers that users install themselves. */
  readonly host: string | undefined;
  readonly createdAt: Millis;
  readonly tags: Tags;
}

/** Where a provider is installed that users run themselves. */
export interface InstalledHost {
  readonly id: string;
  readonly name: string;
  readonly provider: ProviderType;
  readonly endpoint: string;
  readonly vpc: VpcConfiguration | undefined;
  readonly createdAt: Millis;
  readonly tags: Tags;
}

export const providers: readonly ProviderType[] = [
  "Bitbucket",
  "GitHub",
  "GitHubEnterpriseServer",
  "GitLab",
  "GitLabSelfManaged",
];

type Place = Pick<Context, "account" | "region">;

/** `arn:aws:codestar-connections:eu-west-1:123456789012:connection/UUID` */
export function connectionArn({ account, region }: Place, id: string): string {
  return `arn:${partitionOf(region)}:codestar-connections:${region}:${account}:connection/${id}`;
}

/** `arn:aws:codestar-connections:eu-west-1:123456789012:host/NAME-SUFFIX` */
export function hostArn({ account, region }: Place, id: string): string {
  return `arn:${partitionOf(region)}:codestar-connections:${region}:${account}:host/${id}`;
}

/** What an ARN names in this account and region; the service's newer name, `codeconnections`, names the same. */
export function parseArn(
  { account, region }: Place,
  arn: string,
): { readonly kind: "connection" | "host"; readonly id: string } | undefined {
  const match =
    /^arn:aws[a-z-]*:(codestar-connections|codeconnections):(?<region>[^:]+):(?<account>\d{12}):(?<kind>connection|host)\/(?<id>[^/]+)$/.exec(
      arn,
    );
  if (match?.groups === undefined) return undefined;
  const { kind, id = "" } = match.groups;
  if (match.groups["account"] !== account || match.groups["region"] !== region) return undefined;
  return { kind: kind === "host" ? "host" : "connection", id };
}
