import type { Service, Tag } from "@aws-sdk/client-ecs";
import type { Capacity } from "../../fleet/model.ts";

/** Tags that a service has beside those of every server group. */
export const serviceTagKeys = {
  min: "trysail:min",
  max: "trysail:max",
  /** The task definition that was made for it, and goes with it: `family:revision`. */
  taskDefinition: "trysail:task-definition",
  /** `true` where its containers have health checks of their own: until ECS tells their outcome, a task is not healthy. */
  isChecked: "trysail:health-checked",
} as const;

export type Tags = Readonly<Record<string, string>>;

export const tagsIn = (tags: readonly Tag[] | undefined): Tags =>
  Object.fromEntries((tags ?? []).map(({ key = "", value = "" }) => [key, value]));

export const tagList = (tags: Tags): Tag[] => Object.entries(tags).map(([key, value]) => ({ key, value }));

export const sizeTags = ({ min, max }: Capacity): Tags => ({
  [serviceTagKeys.min]: String(min),
  [serviceTagKeys.max]: String(max),
});

/**
 * A service has a desired count only: its minimum and maximum are what its tags remember, and never on the wrong side of the
 * desired count, which others may have changed.
 */
export function sizeOf({ desiredCount: desired = 0 }: Service, tags: Tags): Capacity {
  const remembered = (key: string): number => {
    const value = tags[key];
    return value !== undefined && /^\d+$/.test(value) ? Number(value) : desired;
  };
  return {
    min: Math.min(desired, remembered(serviceTagKeys.min)),
    desired,
    max: Math.max(desired, remembered(serviceTagKeys.max)),
  };
}
