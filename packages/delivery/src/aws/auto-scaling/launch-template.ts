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

/** A group that is made, deleted and made again in one rollout, so often. */
const mostTokens = 10;

/**
 * A version of the fleet's launch template whose user data knows what it is to run. Made once for each group of a rollout,
 * however often it is asked for.
 *
 * @param rollout - its id: a group of the same name in another rollout is another
 */
export async function createTemplateVersion(
  ec2: EC2Client,
  { id, version }: { readonly id: string; readonly version: string },
  group: string,
  environment: VersionEnvironment,
  rollout: string,
) {
  const { LaunchTemplateVersions: [source] = [] } = await ec2.send(
    new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId: id, Versions: [version] }),
  );
  const UserData = userDataOf(source?.LaunchTemplateData?.UserData, environment);
  const SourceVersion = String(source?.VersionNumber ?? version);
  for (let time = 0; time < mostTokens; time++) {
    const made = await ec2
      .send(
        new CreateLaunchTemplateVersionCommand({
          LaunchTemplateId: id,
          SourceVersion,
          VersionDescription: group,
          ClientToken: tokenOf(rollout, group, SourceVersion, UserData, String(time)),
          LaunchTemplateData: { UserData },
        }),
      )
      .catch((error: unknown) => {
        // What the token made is deleted: the group is made again.
        if (isNamed(error, "IdempotentParameterMismatch", "InvalidLaunchTemplateId.VersionNotFound")) return undefined;
        throw error;
      });
    const number = made?.LaunchTemplateVersion?.VersionNumber;
    if (number !== undefined) return { LaunchTemplateId: id, Version: String(number) };
  }
  throw new TrysailError("no-template-version", `No version of the launch template ${id} can be made for ${group}.`);
}

/** @see https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html */
const tokenOf = (...parts: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);

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
