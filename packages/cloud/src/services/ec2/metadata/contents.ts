import type { Context } from "../../../kernel/context.ts";
import { groupsOf, privateDnsName, rootDevice } from "../instances/showing.ts";
import type { InstanceRow } from "../instances/model.ts";
import { tables } from "../store.ts";
import { tagsOf } from "../tags.ts";
import { zoneIdOf } from "../zones.ts";
import { rolesOf, roleSession } from "./credentials.ts";
import type { Folder } from "./tree.ts";

const inSeconds = (millis: number) => new Date(millis).toISOString().replace(/\.\d+Z$/, "Z");

/**
 * Everything that an instance can be told of itself, under `latest/`.
 *
 * @param path - what is asked for: credentials are issued only for who asks for them
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-categories.html
 */
export async function contentsFor(ctx: Context, row: InstanceRow, path: string): Promise<Folder> {
  const wantsRole = path.includes("iam");
  return {
    "meta-data": {
      ...metaData(ctx, row),
      ...(wantsRole && { iam: await iamFolder(ctx, row) }),
      ...(!wantsRole && row.profile !== undefined && { iam: {} }),
    },
    ...(row.userData !== undefined && { "user-data": Buffer.from(row.userData, "base64").toString("latin1") }),
    dynamic: { "instance-identity": { document: identityDocument(ctx, row) } },
  };
}

function metaData(ctx: Context, row: InstanceRow): Folder {
  const groups = groupsOf(ctx, row);
  const vpc = ctx.table(tables.vpcs).get(row.vpcId);
  const subnet = ctx.table(tables.subnets).get(row.subnetId);
  const hostname = privateDnsName(ctx.region, row.address);
  const publicAddress = row.hasPublicAddress ? row.address : undefined;
  const tagsAreTold = row.metadataOptions.InstanceMetadataTags === "enabled";
  return {
    "ami-id": row.imageId,
    "ami-launch-index": String(row.launchIndex),
    "ami-manifest-path": "(unknown)",
    "block-device-mapping": { ami: rootDevice, root: rootDevice },
    hostname,
    "instance-action": "none",
    "instance-id": row.id,
    "instance-life-cycle": "on-demand",
    "instance-type": row.instanceType,
    "local-hostname": hostname,
    "local-ipv4": row.address,
    mac: row.macAddress,
    network: {
      interfaces: {
        macs: {
          [row.macAddress]: {
            "device-number": "0",
            "interface-id": row.networkInterfaceId,
            "local-hostname": hostname,
            "local-ipv4s": row.address,
            mac: row.macAddress,
            "owner-id": ctx.account,
            "public-hostname": publicAddress,
            "public-ipv4s": publicAddress,
            "security-group-ids": groups.map(({ GroupId }) => GroupId).join("\n"),
            "security-groups": groups.map(({ GroupName }) => GroupName).join("\n"),
            "subnet-id": row.subnetId,
            "subnet-ipv4-cidr-block": subnet?.CidrBlock,
            "vpc-id": row.vpcId,
            "vpc-ipv4-cidr-block": vpc?.CidrBlock,
            "vpc-ipv4-cidr-blocks": vpc?.CidrBlock,
          },
        },
      },
    },
    placement: {
      "availability-zone": row.zone,
      "availability-zone-id": zoneIdOf(row.zone),
      region: ctx.region,
    },
    profile: "default-hvm",
    "public-hostname": publicAddress,
    "public-ipv4": publicAddress,
    "reservation-id": row.reservationId,
    "security-groups": groups.map(({ GroupName }) => GroupName).join("\n"),
    services: { domain: "amazonaws.com", partition: "aws" },
    ...(tagsAreTold && {
      tags: { instance: Object.fromEntries(tagsOf(ctx, row.id).map(({ Key, Value }) => [Key, Value])) },
    }),
  };
}

async function iamFolder(ctx: Context, row: InstanceRow): Promise<Folder | undefined> {
  const { profile } = row;
  if (profile === undefined) return undefined;
  const sessions = await Promise.all(
    (await rolesOf(ctx, profile)).map(async (role) => [role.name, await roleSession(ctx, row.id, role)] as const),
  );
  const info = {
    Code: "Success",
    LastUpdated: inSeconds(sessions[0]?.[1].issuedAt ?? ctx.now),
    InstanceProfileArn: profile.arn,
    InstanceProfileId: profile.id,
  };
  return {
    info: JSON.stringify(info, undefined, 2),
    "security-credentials": Object.fromEntries(
      sessions.map(([role, session]) => [
        role,
        JSON.stringify(
          {
            Code: "Success",
            LastUpdated: inSeconds(session.issuedAt),
            Type: "AWS-HMAC",
            AccessKeyId: session.accessKeyId,
            SecretAccessKey: session.secretAccessKey,
            Token: session.sessionToken,
            Expiration: inSeconds(session.expiresAt),
          },
          undefined,
          2,
        ),
      ]),
    ),
  };
}

/** Not signed: nobody could check it against a key of Amazon's. */
function identityDocument(ctx: Context, row: InstanceRow): string {
  const document = {
    accountId: ctx.account,
    architecture: row.architecture,
    availabilityZone: row.zone,
    billingProducts: null,
    devpayProductCodes: null,
    marketplaceProductCodes: null,
    imageId: row.imageId,
    instanceId: row.id,
    instanceType: row.instanceType,
    kernelId: null,
    pendingTime: inSeconds(row.launchedAt),
    privateIp: row.address,
    ramdiskId: null,
    region: ctx.region,
    version: "2017-09-30",
  };
  return JSON.stringify(document, undefined, 2);
}
