import type { Context } from "../../../kernel/context.ts";
import type { Tags } from "../../../kernel/tags.ts";
import type { StoredTaskDefinition } from "../model.ts";
import type { Task } from "./model.ts";
import type { Place } from "./placement.ts";

/** What a task is made from. */
export interface TaskOrder {
  readonly cluster: string;
  readonly definition: StoredTaskDefinition["definition"];
  readonly group: string;
  readonly startedBy: string | undefined;
  readonly service: Task["service"];
  readonly launchType: Task["launchType"];
  readonly capacityProvider: string | undefined;
  readonly overrides: Task["overrides"];
  readonly enableExecuteCommand: boolean;
  readonly tags: Tags;
  readonly place: Place;
}

/** A task at the beginning of its life. */
export function newTask(ctx: Context, order: TaskOrder): Task {
  const { definition, place, overrides } = order;
  return {
    id: ctx.ids.hex(32),
    cluster: order.cluster,
    family: definition.family,
    revision: definition.revision,
    group: order.group,
    startedBy: order.startedBy,
    service: order.service,
    launchType: order.launchType,
    capacityProvider: order.capacityProvider,
    overrides,
    enableExecuteCommand: order.enableExecuteCommand,
    tags: order.tags,
    cpu: overrides.cpu ?? definition.cpu,
    memory: overrides.memory ?? definition.memory,
    zone: place.zone,
    network:
      place.subnet === undefined
        ? undefined
        : { attachmentId: ctx.ids.uuid(), interfaceId: `eni-${ctx.ids.hex(17)}`, subnet: place.subnet },
    secretId: ctx.ids.hex(32),
    createdAt: ctx.now,
    desiredStatus: "RUNNING",
    state: { status: "PROVISIONING" },
    containers: definition.containerDefinitions.map(({ name = "", image = "" }) => ({
      name,
      image,
      id: ctx.ids.uuid(),
      status: "PENDING",
    })),
    address: undefined,
    registered: [],
    startedAt: undefined,
    stop: undefined,
    protectedUntil: undefined,
    version: 1,
  };
}
