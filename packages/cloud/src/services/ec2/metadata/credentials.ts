import type { Context, Principal } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { InstanceProfile } from "../instances/model.ts";
import { tables } from "../store.ts";
import type { RoleSession } from "../store.ts";

/** New credentials are there this long before the old ones expire: SDKs ask five minutes before. */
const renewedBeforeMs = 15 * 60_000;

interface Role {
  readonly name: string;
  readonly arn: string;
}

const asEc2 = (ctx: Context) => {
  const principal: Principal = {
    type: "service",
    arn: "arn:aws:iam::aws:service/ec2.amazonaws.com",
    userId: "ec2.amazonaws.com",
  };
  return ctx.as({ principal });
};

/** The profile's role as it is now: none or one. */
export async function rolesOf(ctx: Context, { name: InstanceProfileName }: InstanceProfile): Promise<readonly Role[]> {
  try {
    const { InstanceProfile: profile } = await asEc2(ctx).call.iam.getInstanceProfile({ InstanceProfileName });
    return (profile?.Roles ?? []).map(({ RoleName = "", Arn = "" }) => ({ name: RoleName, arn: Arn }));
  } catch (error) {
    if (isAwsError(error, "NoSuchEntity")) return [];
    throw error;
  }
}

/** The instance's session of the role, a new one where the old one is about to expire. */
export async function roleSession(ctx: Context, instanceId: string, role: Role): Promise<RoleSession> {
  const known = ctx.table(tables.roleSessions).get(instanceId);
  if (known?.role === role.arn && ctx.now < known.expiresAt - renewedBeforeMs) return known;
  const { Credentials: issued } = await asEc2(ctx).call.sts.assumeRole({
    RoleArn: role.arn,
    RoleSessionName: instanceId,
  });
  const session: RoleSession = {
    role: role.arn,
    accessKeyId: issued?.AccessKeyId ?? "",
    secretAccessKey: issued?.SecretAccessKey ?? "",
    sessionToken: issued?.SessionToken ?? "",
    issuedAt: ctx.now,
    expiresAt: issued?.Expiration?.getTime() ?? ctx.now,
  };
  ctx.transaction(() => ctx.table(tables.roleSessions).put(instanceId, session));
  return session;
}
