import { createReadStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import type { ArchitectureValues, Image } from "@aws-sdk/client-ec2";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { pageOfList } from "../../../kernel/paging.ts";
import type { Handler } from "../../../kernel/service.ts";
import type { BlobId } from "../../../store/blobs.ts";
import { errors, refuse, required } from "../errors.ts";
import { matcher } from "../filters.ts";
import { endDryRun } from "../handling.ts";
import { packFolder, removeUnpacked } from "../images/archive.ts";
import { wellKnownImages } from "../images/well-known.ts";
import { diskOf, instanceFolder } from "../instances/folder.ts";
import { rootDevice } from "../instances/showing.ts";
import { kinds } from "../kinds.ts";
import type { ImageRow } from "../model.ts";
import { deleteTags, checkSpecifications, putTags, specifiedTags } from "../tags.ts";
import { find, invalidToken, newId, pageSize, withTags } from "../resources-of-kind.ts";
import type { Sdk } from "../sdk.ts";
import { tables } from "../store.ts";

function show(ctx: Context, image: ImageRow) {
  const { archive: _, ...row } = image;
  return withTags(ctx, row.ImageId, row);
}

function checkName(ctx: Context, name: string): void {
  if (!/^[a-zA-Z0-9()[\] ./\-'@_]{3,128}$/.test(name))
    throw errors["InvalidAMIName.Malformed"](
      "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, and ( ) [ ] . / - ' @ _ and spaces.",
    );
  const owner = [...ctx.table(tables.images).values()].find(({ Name }) => Name === name);
  if (owner !== undefined)
    throw errors["InvalidAMIName.Duplicate"](`AMI name ${name} is already in use by AMI ${owner.ImageId}`);
}

interface NewImage {
  readonly Name: string;
  readonly Description: string | undefined;
  readonly ImageLocation: string;
  readonly Architecture: ArchitectureValues;
  readonly archive: ImageRow["archive"];
  readonly more: Partial<Image>;
  readonly tags: Parameters<typeof putTags>[2];
}

/** Writes down an image whose archive is on disk. Only inside of a transaction. */
function putImage(ctx: Context, given: NewImage): string {
  const { Name, Description, ImageLocation, Architecture, archive, more, tags } = given;
  const ImageId = newId(ctx, kinds.image);
  ctx.table(tables.images).put(ImageId, {
    BlockDeviceMappings: [
      { DeviceName: rootDevice, Ebs: { DeleteOnTermination: true, VolumeSize: 8, VolumeType: "gp3" } },
    ],
    ...more,
    ImageId,
    Name,
    ...(Description !== undefined && { Description }),
    ImageLocation,
    ImageType: "machine",
    OwnerId: ctx.account,
    Public: false,
    Architecture,
    CreationDate: new Date(ctx.now).toISOString(),
    EnaSupport: true,
    Hypervisor: "xen",
    PlatformDetails: "Linux/UNIX",
    UsageOperation: "RunInstances",
    RootDeviceName: rootDevice,
    RootDeviceType: "ebs",
    State: "available",
    VirtualizationType: "hvm",
    archive,
  });
  ctx.table(tables.imageBlobs).put(archive.blob, true);
  putTags(ctx, ImageId, tags);
  return ImageId;
}

/** Zip archives and gzip files say what they are by their first bytes. */
async function storeArchive(ctx: Context, location: string): Promise<ImageRow["archive"]> {
  const [, Bucket, Key] = /^([^/]+)\/(.+)$/.exec(location) ?? [];
  if (Bucket === undefined || Key === undefined)
    throw errors["InvalidAMIID.Unavailable"](
      `ImageLocation is a bucket and a key, as in bucket/app.zip, not ${location}.`,
    );
  let body: Readable | Uint8Array | undefined;
  try {
    ({ Body: body } = await ctx.call.s3.getObject({ Bucket, Key }));
  } catch (error) {
    if (!isAwsError(error)) throw error;
    throw errors.InvalidManifest(
      `HTTP ${error.status} (${error.code}) response for URL s3://${location}: check your S3 ACLs are correct.`,
    );
  }
  const source = body instanceof Readable ? body : Readable.from([body ?? new Uint8Array()]);
  const { id: blob } = await ctx.host.blobs.write(source);
  const format = await formatOf(ctx, blob);
  if (format !== undefined) return { blob, format };
  await ctx.host.blobs.delete(blob);
  throw errors.InvalidManifest(`s3://${location} is neither a zip archive nor a tar.gz archive.`);
}

async function formatOf(ctx: Context, blob: BlobId): Promise<ImageRow["archive"]["format"] | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of ctx.host.blobs.read(blob, { start: 0, end: 1 }))
    chunks.push(Buffer.from(chunk as Uint8Array));
  const start = Buffer.concat(chunks).toString("latin1");
  if (start === "PK") return "zip";
  return start === "\u001f\u008b" ? "tar.gz" : undefined;
}

/**
 * An image of an archive in S3, which is unpacked as the disk of its instances. If it holds a program `start`, they run
 * that.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RegisterImage.html
 */
export const registerImage: Handler<Sdk, "registerImage"> = async (ctx, input) => {
  refuse(
    input,
    ["BillingProducts", "KernelId", "RamdiskId", "TpmSupport", "UefiData"],
    "Trysail's images are archives of files.",
  );
  const Name = required(input.Name, "name");
  checkName(ctx, Name);
  checkSpecifications(input.TagSpecifications, "image");
  const location = required(input.ImageLocation, "imageLocation");
  const archive = await storeArchive(ctx, location);
  const { BlockDeviceMappings, BootMode, ImdsSupport, SriovNetSupport, Description, Architecture = "x86_64" } = input;
  return ctx.transaction(() => {
    checkName(ctx, Name);
    const more = {
      ...(BlockDeviceMappings !== undefined && { BlockDeviceMappings: [...BlockDeviceMappings] }),
      ...(BootMode !== undefined && { BootMode }),
      ...(ImdsSupport !== undefined && { ImdsSupport }),
      ...(SriovNetSupport !== undefined && { SriovNetSupport }),
    };
    const tags = specifiedTags(input.TagSpecifications, "image");
    const ImageId = putImage(ctx, { Name, Description, ImageLocation: location, Architecture, archive, more, tags });
    endDryRun(input);
    return { ImageId };
  });
};

/**
 * An image of what is on an instance's disk now.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html
 */
export const createImage: Handler<Sdk, "createImage"> = async (ctx, input) => {
  if (input.SnapshotLocation === "local" || input.BootModeOverride !== undefined)
    throw errors.UnsupportedOperation("SnapshotLocation, BootModeOverride: Trysail's images are archives of files.");
  const { Name, Description } = input;
  const row = find(ctx, kinds.instance, input.InstanceId);
  if (row.state !== "running" && row.state !== "stopped")
    throw errors.IncorrectInstanceState(`The instance '${row.id}' is not in a state from which an image can be made.`);
  checkName(ctx, Name);
  checkSpecifications(input.TagSpecifications, "image", "snapshot");
  endDryRun(input);
  const packed = join(ctx.host.workspace("ec2", "packing", ctx.ids.hex(16)), "disk.tar.gz");
  await mkdir(dirname(packed), { recursive: true, mode: 0o700 });
  try {
    await packFolder(ctx, diskOf(instanceFolder(ctx, row.id)), packed);
    const { id: blob } = await ctx.host.blobs.write(createReadStream(packed));
    return ctx.transaction(() => {
      checkName(ctx, Name);
      const ImageId = putImage(ctx, {
        Name,
        Description,
        ImageLocation: `${ctx.account}/${Name}`,
        Architecture: row.architecture,
        archive: { blob, format: "tar.gz" },
        more: { SourceInstanceId: row.id },
        tags: specifiedTags(input.TagSpecifications, "image"),
      });
      return { ImageId };
    });
  } finally {
    await rm(dirname(packed), { recursive: true, force: true });
  }
};

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeregisterImage.html */
export const deregisterImage: Handler<Sdk, "deregisterImage"> = async (ctx, input) => {
  const { ImageId, archive } = find(ctx, kinds.image, input.ImageId);
  endDryRun(input);
  ctx.transaction(() => {
    ctx.table(tables.images).delete(ImageId);
    ctx.table(tables.imageBlobs).delete(archive.blob);
    deleteTags(ctx, ImageId);
  });
  // If this is cut short, the sweep at the next start finds the body.
  await ctx.host.blobs.delete(archive.blob);
  await removeUnpacked(ctx, ImageId);
  return { Return: true };
};

/** Whether an image is one of these owners': `self`, `amazon`, an account. */
function isOf(ctx: Context, owners: readonly string[], { OwnerId, ImageOwnerAlias }: Image): boolean {
  return owners.some(
    (owner) => owner === OwnerId || owner === ImageOwnerAlias || (owner === "self" && OwnerId === ctx.account),
  );
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html */
export const describeImages: Handler<Sdk, "describeImages"> = (ctx, input) => {
  const { ImageIds: ids = [], Owners: owners = [], ExecutableUsers: users = [] } = input;
  const all: (Image & { ImageId: string })[] = [
    ...[...ctx.table(tables.images).values()].map((row) => show(ctx, row)),
    ...wellKnownImages(ctx.region).map(({ image }) => withTags(ctx, image.ImageId, image)),
  ];
  const missing = ids.filter((id) => !all.some(({ ImageId }) => ImageId === id));
  for (const id of missing) find(ctx, kinds.image, id);
  const matches = matcher(input.Filters, kinds.image.filters);
  const shown = all.filter(
    (image) =>
      (ids.length === 0 || ids.includes(image.ImageId)) &&
      (owners.length === 0 || isOf(ctx, owners, image)) &&
      // An image is of use to its account, or to everybody: it is never shared with somebody.
      (users.length === 0 || (image.Public === true && users.includes("all"))) &&
      matches(image),
  );
  const { items, next } = pageOfList(
    shown,
    input.NextToken,
    pageSize(input.MaxResults, { least: 1, most: 1000 }),
    invalidToken,
  );
  return { Images: items, NextToken: next };
};
