import type { IamInstanceProfileSpecification } from "@aws-sdk/client-ec2";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { errors } from "../errors.ts";
import { newId } from "../resources-of-kind.ts";
import type { InstanceProfile } from "./model.ts";

/** The instance profile that a request names. @throws AwsError `InvalidParameterValue` if IAM has none of that name or ARN */
export async function findProfile(
  ctx: Context,
  named: IamInstanceProfileSpecification | undefined,
): Promise<InstanceProfile | undefined> {
  const { Arn: arn, Name: name } = named ?? {};
  if (arn === undefined && name === undefined) return undefined;
  const invalid = () =>
    arn === undefined
      ? errors.InvalidParameterValue(
          `Value (${name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name`,
        )
      : errors.InvalidParameterValue(
          `Value (${arn}) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN`,
        );
  if (arn !== undefined && name !== undefined)
    throw errors.InvalidParameterCombination(
      "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'",
    );
  const InstanceProfileName = name ?? /^arn:[^:]+:iam::\d{12}:instance-profile\/(?:.*\/)?([^/]+)$/.exec(arn ?? "")?.[1];
  if (InstanceProfileName === undefined) throw invalid();
  try {
    const { InstanceProfile: profile } = await ctx.call.iam.getInstanceProfile({ InstanceProfileName });
    if (profile === undefined || (arn !== undefined && profile.Arn !== arn)) throw invalid();
    return {
      arn: profile.Arn ?? "",
      id: profile.InstanceProfileId ?? "",
      name: InstanceProfileName,
      associationId: newId(ctx, { prefix: "iip-assoc" }),
      associatedAt: ctx.now,
    };
  } catch (error) {
    throw isAwsError(error, "NoSuchEntity") ? invalid() : error;
  }
}
