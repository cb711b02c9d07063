import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { errors } from "../errors.ts";

const prefix = "resolve:ssm:";
const imageType = "aws:ec2:image";

/**
 * The image that is meant by `resolve:ssm:` and a parameter's name, label, version or ARN, as the parameter is now;
 * any other id as it is.
 *
 * @throws AwsError `SsmInvalidParameter`, `SsmAccessDenied`
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-systems-manager-parameter-to-find-AMI.html
 */
export async function resolveImageId(ctx: Context, id: string | undefined): Promise<string | undefined> {
  if (id === undefined || !id.startsWith(prefix)) return id;
  try {
    const { Parameter } = await ctx.call.ssm.getParameter({ Name: id.slice(prefix.length) });
    if (Parameter?.DataType !== imageType)
      throw errors.SsmInvalidParameter(
        `Unsupported data type. The following parameter data types are supported: ${imageType}`,
      );
    return Parameter.Value;
  } catch (error) {
    if (isAwsError(error, "AccessDeniedException")) throw errors.SsmAccessDenied("Access denied to SSM");
    if (isAwsError(error, "ParameterNotFound", "ParameterVersionNotFound", "ValidationException"))
      throw errors.SsmInvalidParameter(error.message);
    throw error;
  }
}
