import type { Reservation } from "@aws-sdk/client-ec2";
import type { Context } from "../../../kernel/context.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { workloadOf } from "../instances/model.ts";
import type { InstanceRow } from "../instances/model.ts";
import { showInstance, showState } from "../instances/showing.ts";
import { statusChecks } from "../instances/status-checks.ts";
import { kinds } from "../kinds.ts";
import { describeKind } from "../resources-of-kind.ts";
import type { Sdk } from "../sdk.ts";
import { zoneIdOf } from "../zones.ts";

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html */
export const describeInstances: Handler<Sdk, "describeInstances"> = (ctx, input) => {
  if (input.MaxResults !== undefined && (input.InstanceIds ?? []).length > 0)
    throw errors.InvalidParameterCombination("The parameter instancesSet cannot be used with the parameter maxResults");
  const { items, next } = describeKind(ctx, kinds.instance, input.InstanceIds, input, (row) => ({
    ...showInstance(ctx, row),
    // Of the reservation, for the filters that ask for it.
    ReservationId: row.reservationId,
    OwnerId: ctx.account,
  }));
  const reservations = new Map<string, Reservation>();
  for (const { ReservationId, OwnerId, ...instance } of items) {
    const reservation = reservations.get(ReservationId) ?? { ReservationId, OwnerId, Groups: [], Instances: [] };
    reservation.Instances?.push(instance);
    reservations.set(ReservationId, reservation);
  }
  return { Reservations: [...reservations.values()], NextToken: next };
};

/** What the two checks say. */
function checksOf(ctx: Context, row: InstanceRow) {
  if (row.state !== "running") {
    const status = row.state === "pending" ? ("initializing" as const) : ("not-applicable" as const);
    const check = { Status: status, Details: [] };
    return { SystemStatus: check, InstanceStatus: check };
  }
  const { system, instance } = statusChecks(ctx.host.workloads.find(workloadOf(ctx, row.id)));
  const check = (passes: boolean) => ({
    Status: passes ? ("ok" as const) : ("impaired" as const),
    Details: [
      {
        Name: "reachability" as const,
        Status: passes ? ("passed" as const) : ("failed" as const),
        ...(!passes && { ImpairedSince: new Date(ctx.now) }),
      },
    ],
  });
  return { SystemStatus: check(system), InstanceStatus: check(instance) };
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceStatus.html */
export const describeInstanceStatus: Handler<Sdk, "describeInstanceStatus"> = (ctx, input) => {
  if (input.MaxResults !== undefined && (input.InstanceIds ?? []).length > 0)
    throw errors.InvalidParameterCombination("The parameter instancesSet cannot be used with the parameter maxResults");
  const running = { Name: "instance-state-name", Values: ["running"] };
  const Filters = [...(input.Filters ?? []), ...(input.IncludeAllInstances === true ? [] : [running])];
  const { items, next } = describeKind(
    ctx,
    { ...kinds.instance, filters: statusFilters },
    input.InstanceIds,
    { ...input, Filters },
    (row) => ({
      InstanceId: row.id,
      AvailabilityZone: row.zone,
      AvailabilityZoneId: zoneIdOf(row.zone),
      Events: [],
      InstanceState: showState(row.state),
      ...checksOf(ctx, row),
    }),
  );
  return { InstanceStatuses: items, NextToken: next };
};

const statusFilters = {
  "availability-zone": "AvailabilityZone",
  "availability-zone-id": "AvailabilityZoneId",
  "instance-state-code": "InstanceState.Code",
  "instance-state-name": "InstanceState.Name",
  "instance-status.reachability": "InstanceStatus.Details.Status",
  "instance-status.status": "InstanceStatus.Status",
  "system-status.reachability": "SystemStatus.Details.Status",
  "system-status.status": "SystemStatus.Status",
};
