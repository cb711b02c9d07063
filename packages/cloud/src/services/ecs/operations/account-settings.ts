import type { Setting } from "@aws-sdk/client-ecs";
import type { Context } from "../../../kernel/context.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors, invalidToken } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";

/** What holds where nothing was set. @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html */
const defaults = {
  awsvpcTrunking: "disabled",
  containerInsights: "disabled",
  containerInstanceLongArnFormat: "enabled",
  defaultLogDriverMode: "non-blocking",
  fargateEventWindows: "disabled",
  fargateFIPSMode: "disabled",
  fargateTaskRetirementWaitPeriod: "7",
  guardDutyActivate: "off",
  serviceLongArnFormat: "enabled",
  tagResourceAuthorization: "off",
  taskLongArnFormat: "enabled",
} as const satisfies Record<NonNullable<Setting["name"]>, string>;

type Name = keyof typeof defaults;

const names = Object.keys(defaults) as Name[];

const root = (ctx: Context) => `arn:aws:iam::${ctx.account}:root`;

/** The settings of an account as a whole are those of its root. */
function put(ctx: Context, name: string, value: string, principalArn: string): { setting: Setting } {
  if (!(name in defaults)) throw errors.InvalidParameterException("Invalid setting name.");
  // These two decide what ARNs look like, and Trysail has the long ones only.
  if (name.endsWith("LongArnFormat") && value !== "enabled")
    throw errors.InvalidParameterException(`Trysail has long ARNs only: ${name} is always enabled.`);
  ctx.table(tables.accountSettings).put([principalArn, name], value);
  return { setting: { name: name as Name, value, principalArn, type: "user" } };
}

function valueOf(ctx: Context, name: Name, principalArn: string): string {
  const settings = ctx.table(tables.accountSettings);
  return settings.get([principalArn, name]) ?? settings.get([root(ctx), name]) ?? defaults[name];
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutAccountSetting.html */
export const putAccountSetting: Handler<Sdk, "putAccountSetting"> = (ctx, input) =>
  put(ctx, input.name, input.value, input.principalArn ?? ctx.principal.arn);

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutAccountSettingDefault.html */
export const putAccountSettingDefault: Handler<Sdk, "putAccountSettingDefault"> = (ctx, input) =>
  put(ctx, input.name, input.value, root(ctx));

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteAccountSetting.html */
export const deleteAccountSetting: Handler<Sdk, "deleteAccountSetting"> = (ctx, input) => {
  const principalArn = input.principalArn ?? ctx.principal.arn;
  ctx.table(tables.accountSettings).delete([principalArn, input.name]);
  return { setting: { name: input.name, value: valueOf(ctx, input.name, principalArn), principalArn, type: "user" } };
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListAccountSettings.html */
export const listAccountSettings: Handler<Sdk, "listAccountSettings"> = (ctx, input) => {
  const principalArn = input.principalArn ?? ctx.principal.arn;
  const own = new Map(
    [...ctx.table(tables.accountSettings).entries({ prefix: [principalArn] })].map(([[, name], value]) => [
      name,
      value,
    ]),
  );
  const settings = names
    .filter((name) => input.name === undefined || name === input.name)
    .filter((name) => input.effectiveSettings === true || own.has(name))
    .map((name) => ({ name, value: valueOf(ctx, name, principalArn), principalArn, type: "user" as const }))
    .filter(({ value }) => input.value === undefined || value === input.value);
  const { items, next } = pageOfList(settings, input.nextToken, input.maxResults ?? 10, invalidToken);
  return { settings: items, nextToken: next };
};
