import type { Context } from "../../../kernel/context.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { connectionArn, hostArn, providers } from "../model.ts";
import type { Connection } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { findConnection, findHost, tables } from "../store.ts";
import { listTags, readTags } from "./tags.ts";

function show(ctx: Context, connection: Connection) {
  return {
    ConnectionName: connection.name,
    ConnectionArn: connectionArn(ctx, connection.id),
    ProviderType: connection.provider,
    OwnerAccountId: ctx.account,
    ConnectionStatus: "AVAILABLE" as const,
    HostArn: connection.host === undefined ? undefined : hostArn(ctx, connection.host),
  };
}

/** AVAILABLE at once: there is nobody to hand-shake with. @see https://docs.aws.amazon.com/codestar-connections/latest/APIReference/API_CreateConnection.html */
export const createConnection: Handler<Sdk, "createConnection"> = (ctx, input) => {
  const name = input.ConnectionName;
  if (name.length < 1 || name.length > 32) {
    const rule = name.length < 1 ? "greater than or equal to 1" : "less than or equal to 32";
    throw errors.ValidationException(
      `1 validation error detected: Value '${name}' at 'connectionName' failed to satisfy constraint: Member must have length ${rule}`,
    );
  }
  const host = input.HostArn === undefined ? undefined : findHost(ctx, input.HostArn);
  const provider = input.ProviderType ?? host?.provider;
  if (provider === undefined) throw errors.InvalidInputException("Either ProviderType or HostArn must be given.");
  if (!providers.includes(provider)) {
    throw errors.ValidationException(
      `1 validation error detected: Value '${provider}' at 'providerType' failed to satisfy constraint: Member must satisfy enum value set: [${providers.join(", ")}]`,
    );
  }
  const connection: Connection = {
    id: ctx.ids.uuid(),
    name,
    provider,
    host: host?.id,
    createdAt: ctx.now,
    tags: readTags({}, input.Tags),
  };
  ctx.table(tables.connections).put(connection.id, connection);
  return { ConnectionArn: connectionArn(ctx, connection.id), Tags: listTags(connection.tags) };
};

/** @see https://docs.aws.amazon.com/codestar-connections/latest/APIReference/API_GetConnection.html */
export const getConnection: Handler<Sdk, "getConnection"> = (ctx, input) => ({
  Connection: show(ctx, findConnection(ctx, input.ConnectionArn)),
});

/** @see https://docs.aws.amazon.com/codestar-connections/latest/APIReference/API_ListConnections.html */
export const listConnections: Handler<Sdk, "listConnections"> = (ctx, input) => {
  const { ProviderTypeFilter: provider, HostArnFilter: host } = input;
  const all = [...ctx.table(tables.connections).values()].toSorted((a, b) => a.createdAt - b.createdAt);
  const matching = all
    .map((connection) => show(ctx, connection))
    .filter(
      ({ ProviderType, HostArn }) =>
        (provider === undefined || ProviderType === provider) && (host === undefined || HostArn === host),
    );
  const { items, next } = pageOfList(matching, input.NextToken, input.MaxResults || 100, errors.InvalidInputException);
  return { Connections: items, NextToken: next };
};

/** @see https://docs.aws.amazon.com/codestar-connections/latest/APIReference/API_DeleteConnection.html */
export const deleteConnection: Handler<Sdk, "deleteConnection"> = (ctx, input) => {
  ctx.table(tables.connections).delete(findConnection(ctx, input.ConnectionArn).id);
  return {};
};
