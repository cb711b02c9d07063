import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { hostArn } from "../model.ts";
import type { InstalledHost } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { findHost, tables } from "../store.ts";
import { listTags, readTags } from "./tags.ts";

function show(host: InstalledHost) {
  return {
    Name: host.name,
    Status: "AVAILABLE",
    ProviderType: host.provider,
    ProviderEndpoint: host.endpoint,
    VpcConfiguration: host.vpc,
  };
}

/** @see https://docs.aws.amazon.com/codestar-connections/latest/APIReference/API_CreateHost.html */
export const createHost: Handler<Sdk, "createHost"> = (ctx, input) => {
  const { Name: name, ProviderType: provider, ProviderEndpoint: endpoint, VpcConfiguration: vpc } = input;
  if (provider !== "GitHubEnterpriseServer" && provider !== "GitLabSelfManaged") {
    throw errors.InvalidInputException(
      `A host is for GitHubEnterpriseServer or GitLabSelfManaged, not for ${provider}.`,
    );
  }
  if (name.length < 1 || name.length > 64) throw errors.InvalidInputException("A host's name has 1 to 64 characters.");
  const host: InstalledHost = {
    id: `${name}-${ctx.ids.hex(8)}`,
    name,
    provider,
    endpoint,
    vpc,
    createdAt: ctx.now,
    tags: readTags({}, input.Tags),
  };
  ctx.table(tables.hosts).put(host.id, host);
  return { HostArn: hostArn(ctx, host.id), Tags: listTags(host.tags) };
};

/** @see https://docs.aws.amazon.com/codestar-connections/latest/APIReference/API_GetHost.html */
export const getHost: Handler<Sdk, "getHost"> = (ctx, input) => show(findHost(ctx, input.HostArn));

/** @see https://docs.aws.amazon.com/codestar-connections/latest/APIReference/API_ListHosts.html */
export const listHosts: Handler<Sdk, "listHosts"> = (ctx, input) => {
  const all = [...ctx.table(tables.hosts).values()].toSorted((a, b) => a.createdAt - b.createdAt);
  const { items, next } = pageOfList(all, input.NextToken, input.MaxResults || 100, errors.InvalidInputException);
  return { Hosts: items.map((host) => ({ ...show(host), HostArn: hostArn(ctx, host.id) })), NextToken: next };
};

/** @see https://docs.aws.amazon.com/codestar-connections/latest/APIReference/API_UpdateHost.html */
export const updateHost: Handler<Sdk, "updateHost"> = (ctx, input) => {
  const host = findHost(ctx, input.HostArn);
  const changed = {
    ...host,
    endpoint: input.ProviderEndpoint ?? host.endpoint,
    vpc: input.VpcConfiguration ?? host.vpc,
  };
  ctx.table(tables.hosts).put(host.id, changed);
  return {};
};

/** @see https://docs.aws.amazon.com/codestar-connections/latest/APIReference/API_DeleteHost.html */
export const deleteHost: Handler<Sdk, "deleteHost"> = (ctx, input) => {
  const { id } = findHost(ctx, input.HostArn);
  const isUsed = [...ctx.table(tables.connections).values()].some(({ host }) => host === id);
  if (isUsed) throw errors.ResourceUnavailableException("The host has connections: delete them first.");
  ctx.table(tables.hosts).delete(id);
  return {};
};
