import { TrysailError } from "@trysail/core";
import type { Fleet } from "./model.ts";

type Members = Readonly<Record<string, unknown>>;

/**
 * A fleet as its JSON tells.
 *
 * @param source - where it is from, for people
 * @throws TrysailError `invalid-fleet` (fault: user), which names the field
 */
export function checkFleet(json: string, source: string): Fleet {
  const refuse = (what: string): never => {
    throw new TrysailError("invalid-fleet", `In ${source}, ${what}.`, { fault: "user" });
  };
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new TrysailError("invalid-fleet", `What is in ${source} is not JSON.`, { fault: "user", cause: error });
  }
  const object = (of: unknown, path: string): Members =>
    typeof of === "object" && of !== null && !Array.isArray(of) ? (of as Members) : refuse(`${path} must be an object`);
  const text = (of: Members, name: string, path: string) => {
    if (typeof of[name] !== "string" || of[name] === "") refuse(`${path}.${name} must be a text`);
  };
  const texts = (of: Members, name: string, path: string) => {
    const all = of[name];
    if (!Array.isArray(all) || all.some((one) => typeof one !== "string"))
      refuse(`${path}.${name} must be a list of texts`);
  };
  const count = (of: Members, name: string, path: string) => {
    if (!Number.isInteger(of[name]) || (of[name] as number) < 0)
      refuse(`${path}.${name} must be a whole number from 0`);
  };
  const fleet = object(value, "it");
  if (fleet["version"] !== 1) refuse("version must be 1");
  const capacity = object(fleet["capacity"], "capacity");
  for (const name of ["min", "desired", "max"]) count(capacity, name, "capacity");
  const { min, desired, max } = capacity as Readonly<Record<"min" | "desired" | "max", number>>;
  if (min > desired || desired > max) refuse("capacity.desired must be from capacity.min to capacity.max");
  const compute = object(fleet["compute"], "compute");
  switch (compute["kind"]) {
    case "auto-scaling": {
      const template = object(compute["launchTemplate"], "compute.launchTemplate");
      text(template, "id", "compute.launchTemplate");
      text(template, "version", "compute.launchTemplate");
      // Rollouts add versions of their own: the latest would be what was rolled out last.
      if (template["version"] === "$Latest")
        refuse(
          'compute.launchTemplate.version must be a number or "$Default": each rollout makes a new latest version',
        );
      texts(compute, "subnets", "compute");
      count(compute, "healthCheckGraceSeconds", "compute");
      break;
    }
    case "ecs":
      for (const name of ["cluster", "taskDefinition", "container"]) text(compute, name, "compute");
      // Rollouts add revisions of their own: the latest would be what was rolled out last.
      if (!/:\d+$/.test(compute["taskDefinition"] as string))
        refuse("compute.taskDefinition must name a revision, such as playback:7: each rollout makes a new latest one");
      for (const name of ["subnets", "securityGroups"]) texts(compute, name, "compute");
      for (const name of ["port", "healthCheckGraceSeconds"]) count(compute, name, "compute");
      if (typeof compute["assignPublicIp"] !== "boolean") refuse("compute.assignPublicIp must be true or false");
      break;
    default:
      refuse('compute.kind must be "auto-scaling" or "ecs"');
  }
  if (fleet["traffic"] !== undefined) {
    const traffic = object(fleet["traffic"], "traffic");
    if (traffic["kind"] === "attachment") {
      texts(traffic, "targetGroups", "traffic");
      // To be attached to none would look as if it served.
      if ((traffic["targetGroups"] as readonly string[]).length === 0)
        refuse("traffic.targetGroups must name one target group at least");
    } else if (traffic["kind"] === "weight")
      for (const name of ["listener", "targetGroup"]) text(traffic, name, "traffic");
    else refuse('traffic.kind must be "attachment" or "weight"');
    if (traffic["kind"] === "attachment" && compute["kind"] === "ecs")
      refuse('traffic.kind must be "weight" with ECS: a service keeps the target group that it was made with');
  }
  return fleet as unknown as Fleet;
}
