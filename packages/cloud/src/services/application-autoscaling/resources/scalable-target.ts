import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Properties, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";
import { dimension } from "../model.ts";

interface Action {
  readonly ScheduledActionName: string;
  readonly Schedule: string;
  readonly Timezone?: string;
  readonly StartTime?: string;
  readonly EndTime?: string;
  readonly ScalableTargetAction?: { readonly MinCapacity?: number | string; readonly MaxCapacity?: number | string };
}

const ecs = "ecs" as const;
const date = (text: string | undefined) => (text === undefined ? undefined : new Date(text));
const number = (value: number | string | undefined) => (value === undefined ? undefined : Number(value));

async function apply(ctx: Context, properties: Properties, previous: Properties, request: ResourceRequest) {
  const {
    ResourceId,
    MinCapacity,
    MaxCapacity,
    SuspendedState,
    ScheduledActions,
    ServiceNamespace,
    ScalableDimension,
  } = properties as Properties & { readonly ResourceId: string; readonly ScheduledActions?: readonly Action[] };
  const named = {
    ServiceNamespace: ServiceNamespace as typeof ecs,
    ResourceId,
    ScalableDimension: ScalableDimension as typeof dimension,
  };
  const tags = Object.fromEntries(request.tags.map(({ Key, Value }) => [Key, Value]));
  await ctx.call["application-autoscaling"].registerScalableTarget({
    ...named,
    MinCapacity: Number(MinCapacity),
    MaxCapacity: Number(MaxCapacity),
    SuspendedState: SuspendedState as object | undefined,
    Tags: tags,
  });
  for (const action of ScheduledActions ?? []) {
    await ctx.call["application-autoscaling"].putScheduledAction({
      ...named,
      ScheduledActionName: action.ScheduledActionName,
      Schedule: action.Schedule,
      Timezone: action.Timezone,
      StartTime: date(action.StartTime),
      EndTime: date(action.EndTime),
      ScalableTargetAction: {
        MinCapacity: number(action.ScalableTargetAction?.MinCapacity),
        MaxCapacity: number(action.ScalableTargetAction?.MaxCapacity),
      },
    });
  }
  const kept = new Set((ScheduledActions ?? []).map(({ ScheduledActionName }) => ScheduledActionName));
  for (const { ScheduledActionName } of (previous["ScheduledActions"] ?? []) as readonly Action[])
    if (!kept.has(ScheduledActionName))
      await ctx.call["application-autoscaling"].deleteScheduledAction({ ...named, ScheduledActionName });
  const id = `${ResourceId}|${dimension}|${ecs}`;
  return { status: "done", id, attributes: { Id: id } } as const;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-applicationautoscaling-scalabletarget.html */
export const scalableTarget: ResourceType = {
  properties: [
    "MaxCapacity",
    "MinCapacity",
    "ResourceId",
    "RoleARN",
    "ScalableDimension",
    "ScheduledActions",
    "ServiceNamespace",
    "SuspendedState",
  ],
  required: ["MaxCapacity", "MinCapacity", "ResourceId", "ScalableDimension", "ServiceNamespace"],
  replacedBy: ["ResourceId", "ScalableDimension", "ServiceNamespace"],
  create: (ctx, properties, request) => apply(ctx, properties, {}, request),
  update: (ctx, _, properties, previous, request) => apply(ctx, properties, previous, request),

  async remove(ctx, id) {
    const [ResourceId = ""] = id.split("|");
    try {
      await ctx.call["application-autoscaling"].deregisterScalableTarget({
        ServiceNamespace: ecs,
        ScalableDimension: dimension,
        ResourceId,
      });
    } catch (error) {
      if (!isAwsError(error, "ObjectNotFoundException")) throw error;
    }
    return { status: "done" };
  },
};
