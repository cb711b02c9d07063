import type { Context } from "../../../kernel/context.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import { matcher } from "../filters.ts";
import { happenTo } from "../instances/changing.ts";
import type { InstanceProfile, InstanceRow } from "../instances/model.ts";
import { findProfile } from "../instances/profile.ts";
import { kinds } from "../kinds.ts";
import { find, invalidToken, pageSize } from "../resources-of-kind.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";

type Association = InstanceRow & { readonly profile: InstanceProfile };

const isAssociated = (row: InstanceRow): row is Association =>
  row.profile !== undefined && row.state !== "terminated" && row.state !== "shutting-down";

function show({ id, profile }: Association, State: "associated" | "disassociating" = "associated") {
  const { arn, associatedAt, associationId } = profile;
  return {
    AssociationId: associationId,
    InstanceId: id,
    IamInstanceProfile: { Arn: arn, Id: profile.id },
    State,
    Timestamp: new Date(associatedAt),
  };
}

function findAssociation(ctx: Context, associationId: string): Association {
  for (const row of ctx.table(tables.instances).values())
    if (isAssociated(row) && row.profile.associationId === associationId) return row;
  throw errors.NoSuchAssociation(`An invalid association-id of '${associationId}' was given`);
}

async function profileOrRefuse(ctx: Context, named: Parameters<typeof findProfile>[1]): Promise<InstanceProfile> {
  const profile = await findProfile(ctx, named);
  if (profile === undefined)
    throw errors.MissingParameter(
      "The request must contain the parameter iamInstanceProfile.name or iamInstanceProfile.arn",
    );
  return profile;
}

const setProfile = (ctx: Context, id: string, profile: InstanceProfile | undefined) =>
  happenTo(ctx, id, (now) => ({ ...now, profile }));

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateIamInstanceProfile.html */
export const associateIamInstanceProfile: Handler<Sdk, "associateIamInstanceProfile"> = async (ctx, input) => {
  const { id } = find(ctx, kinds.instance, input.InstanceId);
  const profile = await profileOrRefuse(ctx, input.IamInstanceProfile);
  return ctx.transaction(() => {
    const row = find(ctx, kinds.instance, id);
    if (row.profile !== undefined) throw errors.IncorrectState(`There is an existing association for instance ${id}`);
    setProfile(ctx, id, profile);
    return { IamInstanceProfileAssociation: show({ ...row, profile }) };
  });
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceIamInstanceProfileAssociation.html */
export const replaceIamInstanceProfileAssociation: Handler<Sdk, "replaceIamInstanceProfileAssociation"> = async (
  ctx,
  input,
) => {
  const { id } = findAssociation(ctx, input.AssociationId);
  const profile = await profileOrRefuse(ctx, input.IamInstanceProfile);
  return ctx.transaction(() => {
    setProfile(ctx, id, profile);
    return { IamInstanceProfileAssociation: show({ ...find(ctx, kinds.instance, id), profile }) };
  });
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateIamInstanceProfile.html */
export const disassociateIamInstanceProfile: Handler<Sdk, "disassociateIamInstanceProfile"> = (ctx, input) => {
  const row = findAssociation(ctx, input.AssociationId);
  setProfile(ctx, row.id, undefined);
  return { IamInstanceProfileAssociation: show(row, "disassociating") };
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeIamInstanceProfileAssociations.html */
export const describeIamInstanceProfileAssociations: Handler<Sdk, "describeIamInstanceProfileAssociations"> = (
  ctx,
  input,
) => {
  const matches = matcher(input.Filters, { "instance-id": "InstanceId", state: "State" });
  const asked = (input.AssociationIds ?? []).map((id) => findAssociation(ctx, id));
  const rows = asked.length > 0 ? asked : [...ctx.table(tables.instances).values()].filter(isAssociated);
  const shown = rows.map((row) => show(row)).filter(matches);
  const { items, next } = pageOfList(shown, input.NextToken, pageSize(input.MaxResults), invalidToken);
  return { IamInstanceProfileAssociations: items, NextToken: next };
};
