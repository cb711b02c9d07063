import type { Target } from "@aws-sdk/client-eventbridge";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Outcome, Properties, ResourceIdentity, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";

const numbers: ReadonlySet<string> = new Set(["MaximumEventAgeInSeconds", "MaximumRetryAttempts", "TaskCount"]);

/** A template may write numbers as texts. */
function typed(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => typed(item, name));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, own]) => [key, typed(own, key)]));
  return numbers.has(name) ? Number(value) : value;
}

/** The template's names of ECS's network differ from the API's. */
function targetOf(given: unknown): Target {
  const target = typed(given) as Target & {
    readonly EcsParameters?: {
      readonly NetworkConfiguration?: { readonly AwsVpcConfiguration?: object };
      readonly TagList?: readonly { readonly Key: string; readonly Value: string }[];
    };
  };
  const { EcsParameters: ecs } = target;
  if (ecs === undefined) return target;
  const { NetworkConfiguration: network, TagList: tags, ...others } = ecs;
  return {
    ...target,
    EcsParameters: {
      ...others,
      ...(network !== undefined && {
        NetworkConfiguration: { awsvpcConfiguration: network.AwsVpcConfiguration as never },
      }),
      ...(tags !== undefined && { Tags: [...tags] }),
    },
  };
}

/** `bus|rule` where the rule is on another bus than the default one, as AWS's references have it. */
const idOf = (bus: string | undefined, name: string) =>
  bus === undefined || bus === "default" ? name : `${bus}|${name}`;

function partsOf(id: string): { readonly EventBusName?: string; readonly Rule: string } {
  const [first = "", second] = id.split("|");
  return second === undefined ? { Rule: first } : { EventBusName: first, Rule: second };
}

async function put(
  ctx: Context,
  properties: Properties,
  name: string,
  request: Pick<ResourceRequest, "tags">,
): Promise<Outcome<ResourceIdentity>> {
  const { EventPattern: pattern, Targets: given = [], EventBusName } = properties;
  const bus = EventBusName as string | undefined;
  const on = bus === undefined ? {} : { EventBusName: bus };
  const { RuleArn = "" } = await ctx.call.events.putRule({
    ...on,
    Name: name,
    EventPattern: pattern === undefined ? undefined : typeof pattern === "string" ? pattern : JSON.stringify(pattern),
    ScheduleExpression: properties["ScheduleExpression"] as string | undefined,
    State: properties["State"] as "ENABLED" | undefined,
    Description: properties["Description"] as string | undefined,
    RoleArn: properties["RoleArn"] as string | undefined,
    Tags: request.tags.map(({ Key, Value }) => ({ Key, Value })),
  });
  const targets = (given as readonly unknown[]).map(targetOf);
  const { Targets: before = [] } = await ctx.call.events.listTargetsByRule({ ...on, Rule: name });
  const gone = before.flatMap(({ Id = "" }) => (targets.some((target) => target.Id === Id) ? [] : [Id]));
  if (gone.length > 0) await ctx.call.events.removeTargets({ ...on, Rule: name, Ids: gone });
  if (targets.length > 0) {
    const { FailedEntries: [failure] = [] } = await ctx.call.events.putTargets({ ...on, Rule: name, Targets: targets });
    if (failure !== undefined) return { status: "failed", reason: failure.ErrorMessage ?? "a target was not taken" };
  }
  return { status: "done", id: idOf(bus, name), attributes: { Arn: RuleArn } };
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-rule.html */
export const rule: ResourceType = {
  properties: [
    "Description",
    "EventBusName",
    "EventPattern",
    "Name",
    "RoleArn",
    "ScheduleExpression",
    "State",
    "Tags",
    "Targets",
  ],
  required: [],
  replacedBy: ["EventBusName", "Name"],
  create: (ctx, properties, request) =>
    put(
      ctx,
      properties,
      (properties["Name"] as string | undefined) ?? request.generatedName({ maxLength: 64 }),
      request,
    ),
  update: (ctx, id, properties, _, request) => put(ctx, properties, partsOf(id).Rule, request),
  async remove(ctx, id) {
    const { Rule, ...on } = partsOf(id);
    try {
      const { Targets = [] } = await ctx.call.events.listTargetsByRule({ ...on, Rule });
      const Ids = Targets.flatMap(({ Id }) => Id ?? []);
      if (Ids.length > 0) await ctx.call.events.removeTargets({ ...on, Rule, Ids });
      await ctx.call.events.deleteRule({ ...on, Name: Rule });
    } catch (error) {
      if (!isAwsError(error, "ResourceNotFoundException")) throw error;
    }
    return { status: "done" };
  },
};
