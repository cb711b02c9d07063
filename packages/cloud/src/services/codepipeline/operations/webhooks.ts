import { partitionOf } from "@trysail/core";
import type { ListWebhookItem } from "@aws-sdk/client-codepipeline";
import type { Context } from "../../../kernel/context.ts";
import { pageOf } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { nameAt } from "../model/validation/constraints.ts";
import type { Webhook } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { definitionOf, findPipeline, tables } from "../store.ts";
import { parseJsonPath, webhookUrl } from "../webhook.ts";
import { sourceActions } from "../model/triggers.ts";
import { readTags, tagList } from "./tags.ts";

const largestPage = 100;
const mostFilters = 5;

function itemOf(ctx: Context, webhook: Webhook): ListWebhookItem {
  const { definition, arn, tags, lastTriggered, error } = webhook;
  const { SecretToken: secret } = definition.authenticationConfiguration;
  return {
    definition: { ...definition, authenticationConfiguration: secret === undefined ? {} : { SecretToken: "****" } },
    url: webhookUrl(ctx, webhook),
    arn,
    tags: tagList(tags),
    lastTriggered: lastTriggered === undefined ? undefined : new Date(lastTriggered),
    errorCode: error?.code,
    errorMessage: error?.message,
  };
}

function readDefinition(ctx: Context, given: Parameters<typeof putWebhook>[1]["webhook"]): Webhook["definition"] {
  const definition = given as Webhook["definition"];
  const { targetPipeline, targetAction, filters, authentication } = definition;
  nameAt(definition.name, "webhook.name");
  const pipeline = definitionOf(ctx, targetPipeline, findPipeline(ctx, targetPipeline).version);
  if (!sourceActions(pipeline).some(({ name }) => name === targetAction)) {
    throw errors.ValidationException(`The pipeline '${targetPipeline}' has no source action '${targetAction}'.`);
  }
  if (filters.length > mostFilters)
    throw errors.LimitExceededException(`A webhook can have at most ${mostFilters} filters.`);
  const wrong = filters.find(({ jsonPath }) => parseJsonPath(jsonPath) === undefined);
  if (wrong !== undefined)
    throw errors.InvalidWebhookFilterPatternException(
      `The filter's jsonPath '${wrong.jsonPath}' is not a path such as $.ref or $.commits[0].id.`,
    );
  if (authentication === "GITHUB_HMAC" && !definition.authenticationConfiguration?.SecretToken) {
    throw errors.InvalidWebhookAuthenticationParametersException(
      "GITHUB_HMAC needs a SecretToken in the authenticationConfiguration.",
    );
  }
  if (authentication === "IP") {
    throw errors.InvalidWebhookAuthenticationParametersException(
      "Trysail cannot tell a delivery's address: use GITHUB_HMAC or UNAUTHENTICATED.",
    );
  }
  return { ...definition, authenticationConfiguration: definition.authenticationConfiguration ?? {} };
}

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PutWebhook.html */
export const putWebhook: Handler<Sdk, "putWebhook"> = (ctx, input) => {
  const definition = readDefinition(ctx, input.webhook);
  const rows = ctx.table(tables.webhooks);
  const existing = rows.get(definition.name);
  const webhook: Webhook = {
    definition,
    arn: `arn:${partitionOf(ctx.region)}:codepipeline:${ctx.region}:${ctx.account}:webhook:${definition.name}`,
    token: existing?.token ?? ctx.ids.hex(32),
    registered: existing?.registered ?? false,
    tags: readTags(input.tags, existing?.tags),
    lastTriggered: existing?.lastTriggered,
    error: undefined,
  };
  rows.put(definition.name, webhook);
  return { webhook: itemOf(ctx, webhook) };
};

/** Succeeds if there is no such webhook, as in AWS. @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_DeleteWebhook.html */
export const deleteWebhook: Handler<Sdk, "deleteWebhook"> = (ctx, input) => {
  ctx.table(tables.webhooks).delete(input.name);
  return {};
};

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ListWebhooks.html */
export const listWebhooks: Handler<Sdk, "listWebhooks"> = (ctx, input) => {
  const { items, next } = pageOf<string, Webhook>(
    (options) => ctx.table(tables.webhooks).entries(options),
    input.NextToken,
    input.MaxResults ?? largestPage,
    errors.InvalidNextTokenException,
  );
  return { webhooks: items.map((webhook) => itemOf(ctx, webhook)), NextToken: next };
};

function setRegistered(ctx: Context, name: string | undefined, registered: boolean): void {
  const rows = ctx.table(tables.webhooks);
  const webhook = name === undefined ? undefined : rows.get(name);
  if (webhook === undefined) throw errors.WebhookNotFoundException(`The webhook '${name ?? ""}' was not found.`);
  rows.put(webhook.definition.name, { ...webhook, registered });
}

/**
 * The third party is Trysail itself, as GitHub cannot reach this machine: from now on a push to the repository that it
 * serves in GitHub's place counts as a delivery.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_RegisterWebhookWithThirdParty.html
 */
export const registerWebhookWithThirdParty: Handler<Sdk, "registerWebhookWithThirdParty"> = (ctx, input) => {
  setRegistered(ctx, input.webhookName, true);
  return {};
};

/** @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_DeregisterWebhookWithThirdParty.html */
export const deregisterWebhookWithThirdParty: Handler<Sdk, "deregisterWebhookWithThirdParty"> = (ctx, input) => {
  setRegistered(ctx, input.webhookName, false);
  return {};
};
