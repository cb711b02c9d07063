import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { CannotStart } from "./cannot-start.ts";

/** @throws CannotStart if there is no such role */
export async function checkRole(ctx: Context, roleArn: string | undefined): Promise<void> {
  if (roleArn === undefined) return;
  const name = roleArn.slice(roleArn.lastIndexOf("/") + 1);
  try {
    const { Role: role } = await ctx.call.iam.getRole({ RoleName: name });
    if (role?.Arn === roleArn || !roleArn.startsWith("arn:")) return;
  } catch (error) {
    if (!isAwsError(error, "NoSuchEntity", "ValidationError")) throw error;
  }
  throw new CannotStart(
    `ECS was unable to assume the role '${roleArn}' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.`,
  );
}
