import { createHmac, timingSafeEqual } from "node:crypto";
import { buffer } from "node:stream/consumers";
import type { Context } from "../../kernel/context.ts";
import { isAwsError } from "../../kernel/errors.ts";
import type { Route } from "../../kernel/service.ts";
import type { HttpResponse } from "../../wire/http.ts";
import { actionNamed } from "./model/definition.ts";
import type { Action } from "./model/definition.ts";
import type { PushedReference } from "./model/triggers.ts";
import { startExecution } from "./start.ts";
import { definitionOf, findPipeline, tables } from "./store.ts";
import type { Webhook } from "./model.ts";

const prefix = "/_github/webhooks/";
/** GitHub caps payloads at 25 MB. */
const largestBodyBytes = 25 * 1024 * 1024;

/** Where deliveries of a webhook are sent. */
export function webhookUrl(ctx: Context, { definition, token }: Webhook): string {
  return `${ctx.host.endpoint}${prefix}${ctx.account}/${ctx.region}/${encodeURIComponent(definition.name)}/${token}`;
}

/** What GitHub would send of a push. */
export function webhookPayload({ repository, reference, name }: PushedReference, commitId: string): object {
  const [owner, repositoryName] = repository.split("/");
  return {
    ref: `refs/${reference === "branch" ? "heads" : "tags"}/${name}`,
    after: commitId,
    head_commit: { id: commitId },
    repository: { name: repositoryName, full_name: repository, owner: { name: owner, login: owner } },
  };
}

/** The registered webhooks of a source action whose filters a payload passes. */
export function webhooksFor(ctx: Context, pipeline: string, action: Action, payload: unknown): readonly Webhook[] {
  return [...ctx.table(tables.webhooks).values()].filter(
    ({ definition, registered }) =>
      registered &&
      definition.targetPipeline === pipeline &&
      definition.targetAction === action.name &&
      passes(definition, action, payload),
  );
}

/**
 * Whether a payload has what all filters ask for. `{Branch}` in a filter stands for that key of the action's
 * configuration; without `matchEquals` it is enough that the value is there.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_WebhookFilterRule.html
 */
export function passes(
  { filters }: Webhook["definition"],
  action: Pick<Action, "configuration">,
  payload: unknown,
): boolean {
  return filters.every(({ jsonPath, matchEquals }) => {
    const value = valueAt(payload, jsonPath);
    if (matchEquals === undefined) return value !== undefined;
    const wanted = matchEquals.replaceAll(/\{(\w+)\}/g, (whole, key: string) => action.configuration?.[key] ?? whole);
    return typeof value === "object"
      ? JSON.stringify(value) === wanted
      : `${value as string | number | boolean | undefined}` === wanted;
  });
}

const step = /^(?:\.(?<name>[A-Za-z_][\w-]*)|\[(?:'(?<quoted>[^']+)'|"(?<doubled>[^"]+)"|(?<index>\d+))\])/;

/** The members that a path of the form `$.a.b[0]['c']` names; undefined for any other form. */
export function parseJsonPath(path: string): readonly string[] | undefined {
  if (!path.startsWith("$")) return undefined;
  const members: string[] = [];
  for (let rest = path.slice(1); rest !== "";) {
    const groups = step.exec(rest);
    const member =
      groups?.groups?.["name"] ??
      groups?.groups?.["quoted"] ??
      groups?.groups?.["doubled"] ??
      groups?.groups?.["index"];
    if (groups === null || member === undefined) return undefined;
    members.push(member);
    rest = rest.slice(groups[0].length);
  }
  return members;
}

function valueAt(payload: unknown, path: string): unknown {
  let value = payload;
  for (const member of parseJsonPath(path) ?? []) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, member)) return undefined;
    value = (value as Record<string, unknown>)[member];
  }
  return value;
}

function answer(status: number, message: string): HttpResponse {
  return {
    status,
    headers: { "content-type": "application/json" },
    body: Buffer.from(`${JSON.stringify({ message })}\n`),
  };
}

/** Deliveries from GitHub: `POST /_github/webhooks/ACCOUNT/REGION/NAME/TOKEN`. */
export const webhookRoute: Route = {
  name: "github-webhooks",
  match({ path, method }) {
    if (!path.startsWith(prefix) || method !== "POST") return undefined;
    const [account, region, name, token, ...more] = path.slice(prefix.length).split("/");
    if (!account || !region || !name || !token || more.length > 0) return undefined;
    return { account, region, parameters: { name: decodeURIComponent(name), token } };
  },
  async handle(ctx, { headers, body }, { parameters }) {
    const webhook = ctx.table(tables.webhooks).get(parameters["name"] ?? "");
    if (webhook === undefined || webhook.token !== parameters["token"]) return answer(404, "There is no such webhook.");
    const length = Number(headers["content-length"] ?? 0);
    if (length > largestBodyBytes) return answer(413, "The payload is too large.");
    const raw = await buffer(body);
    if (!isAuthentic(webhook, headers, raw)) {
      note(ctx, webhook, { code: "AuthenticationFailed", message: "A delivery had no valid signature." });
      return answer(403, "The signature is not valid.");
    }
    if (headers["x-github-event"] === "ping") return answer(200, "pong");
    const payload = parse(headers["content-type"] ?? "", raw.toString());
    if (payload === undefined) return answer(400, "The payload is not valid JSON.");
    return deliver(ctx, webhook, payload, headers["x-github-delivery"]);
  },
};

/** Signatures are of the body as it was sent, byte for byte. @see https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries */
function isAuthentic(
  { definition }: Webhook,
  headers: Readonly<Record<string, string | undefined>>,
  body: Buffer,
): boolean {
  if (definition.authentication === "UNAUTHENTICATED") return true;
  const secret = definition.authenticationConfiguration.SecretToken ?? "";
  const [header, algorithm] =
    headers["x-hub-signature-256"] === undefined
      ? (["x-hub-signature", "sha1"] as const)
      : (["x-hub-signature-256", "sha256"] as const);
  const given = Buffer.from(headers[header] ?? "");
  const expected = Buffer.from(`${algorithm}=${createHmac(algorithm, secret).update(body).digest("hex")}`);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function parse(contentType: string, text: string): unknown {
  try {
    const json = contentType.startsWith("application/x-www-form-urlencoded")
      ? (new URLSearchParams(text).get("payload") ?? "")
      : text;
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function note(ctx: Context, webhook: Webhook, error: Webhook["error"]): void {
  ctx.transaction(() =>
    ctx.table(tables.webhooks).put(webhook.definition.name, { ...webhook, lastTriggered: ctx.now, error }),
  );
}

function deliver(ctx: Context, webhook: Webhook, payload: unknown, delivery: string | undefined): HttpResponse {
  const { targetPipeline: name, targetAction } = webhook.definition;
  const pipeline = ctx.table(tables.pipelines).get(name);
  const definition = pipeline && definitionOf(ctx, name, findPipeline(ctx, name).version);
  const action = definition?.stages[0] && actionNamed(definition, definition.stages[0].name, targetAction);
  if (action === undefined) {
    note(ctx, webhook, {
      code: "TargetNotFound",
      message: `The pipeline ${name} has no source action ${targetAction}.`,
    });
    return answer(404, "The webhook's target does not exist.");
  }
  if (!passes(webhook.definition, action, payload))
    return answer(200, "The filters do not match: no execution was started.");
  // GitHub may deliver twice.
  const token = delivery === undefined ? undefined : `delivery:${delivery}`;
  try {
    const executionId = startExecution(ctx, name, { trigger: { type: "Webhook", detail: webhook.arn }, token });
    note(ctx, webhook, undefined);
    return answer(200, `The execution ${executionId} was started.`);
  } catch (error) {
    if (!isAwsError(error)) throw error;
    note(ctx, webhook, { code: error.code, message: error.message });
    return answer(400, error.message);
  }
}
