import type { Context } from "../../../kernel/context.ts";

/** Where the gateway answers for ECS's agent. */
export const agentPrefix = "/_ecs/";

type Where = Pick<Context, "account" | "region" | "host">;

const base = ({ host, account, region }: Where, secretId: string) =>
  `${host.endpoint}${agentPrefix}${account}/${region}/${secretId}`;

/** Where a container asks for its metadata. */
export const metadataUri = (where: Where, secretId: string, container: string) =>
  `${base(where, secretId)}/v4/${container}`;

/** Where an SDK asks for the task role's credentials. */
export const credentialsUri = (where: Where, secretId: string) => `${base(where, secretId)}/credentials`;
