import { createHash } from "node:crypto";
import {
  CreateLaunchTemplateVersionCommand,
  DeleteLaunchTemplateVersionsCommand,
  DescribeLaunchTemplateVersionsCommand,
  type EC2Client,
} from "@aws-sdk/client-ec2";
import { TrysailError } from "@trysail/core";
import { isNamed } from "../failures.ts";
import { userDataOf, type VersionEnvironment } from "../user-data.ts";

/**
 * A version of the fleet's launch template whose user data knows what it is to run.
 *
 * @param token - of the rollout: repeated in it, the same version is meant; a later group of the same name has another
 */
export async function createTemplateVersion(
  ec2: EC2Client,
  { id, version }: { readonly id: string; readonly version: string },
  group: string,
  environment: VersionEnvironment,
  token: string,
) {
  const { LaunchTemplateVersions: [source] = [] } = await ec2.send(
    new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id, Versions: [version] }),
  );
  const UserData = userDataOf(source?.LaunchTemplateData?.UserData, environment);
  const { LaunchTemplateVersion: made } = await ec2.send(
    new CreateLaunchTemplateVersionCommand({
      LaunchTemplateId: id,
      SourceVersion: String(source?.VersionNumber ?? version),
      VersionDescription: group,
      ClientToken: createHash("sha256").update(`${token} ${group} ${version} ${UserData}`).digest("hex").slice(0, 32),
      LaunchTemplateData: { UserData },
    }),
  );
  if (made?.VersionNumber === undefined)
    throw new TrysailError(
      "answer-without-version",
      "EC2 tells no number of the launch template version that it made.",
    );
  return { LaunchTemplateId: id, Version: String(made.VersionNumber) };
}

export async function deleteTemplateVersion(
  ec2: EC2Client,
  { id, version }: { readonly id: string; readonly version: string },
): Promise<void> {
  try {
    await ec2.send(new DeleteLaunchTemplateVersionsCommand({ LaunchTemplateId: id, Versions: [version] }));
  } catch (error) {
    if (!isNamed(error, "InvalidLaunchTemplateId.NotFound")) throw error;
  }
}
