import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { processNames } from "../model/group.ts";
import type { ProcessName } from "../model/group.ts";
import type { Sdk } from "../sdk.ts";
import { findLiveGroup, putGroup } from "../store.ts";

/** Without names all are meant. @throws AwsError `ValidationError` for a name that is none */
function readProcesses(names: readonly string[] | undefined): readonly ProcessName[] {
  if (names === undefined || names.length === 0) return processNames;
  const unknown = names.find((name) => !(processNames as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw errors.ValidationError(
      `Invalid scaling process: ${unknown}. Valid processes are: [${processNames.join(", ")}]`,
    );
  return names as ProcessName[];
}

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_SuspendProcesses.html */
export const suspendProcesses: Handler<Sdk, "suspendProcesses"> = (ctx, input) => {
  const group = findLiveGroup(ctx, input.AutoScalingGroupName);
  const reason = `User suspended at ${new Date(ctx.now).toISOString().replace(/\.\d+Z$/, "Z")}`;
  const names = readProcesses(input.ScalingProcesses);
  const suspended = { ...Object.fromEntries(names.map((name) => [name, reason])), ...group.suspended };
  putGroup(ctx, { ...group, suspended });
  return {};
};

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ResumeProcesses.html */
export const resumeProcesses: Handler<Sdk, "resumeProcesses"> = (ctx, input) => {
  const group = findLiveGroup(ctx, input.AutoScalingGroupName);
  const names: readonly string[] = readProcesses(input.ScalingProcesses);
  const suspended = Object.fromEntries(Object.entries(group.suspended).filter(([name]) => !names.includes(name)));
  putGroup(ctx, { ...group, suspended });
  return {};
};

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScalingProcessTypes.html */
export const describeScalingProcessTypes: Handler<Sdk, "describeScalingProcessTypes"> = () => ({
  Processes: processNames.map((ProcessName) => ({ ProcessName })),
});
