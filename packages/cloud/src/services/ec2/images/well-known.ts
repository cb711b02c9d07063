import { createHash } from "node:crypto";
import type { Image } from "@aws-sdk/client-ec2";
import type { Region } from "@trysail/core";

/** Where AWS tells of the newest Amazon Linux images. */
const parameterPath = "/aws/service/ami-amazon-linux-latest/";

/** The account that AWS's own images are of. */
const amazon = "137112412989";

/** AWS's images that instances are commonly made of: their names, and the public parameters that lead to them. */
const releases = [
  {
    name: "al2023-ami-2023.9.20251117.1-kernel-6.1-",
    description: "Amazon Linux 2023 AMI 2023.9.20251117.1 HVM kernel-6.1",
    created: "2025-11-18T00:00:00.000Z",
    parameters: (cpu: string) => [`al2023-ami-kernel-default-${cpu}`, `al2023-ami-kernel-6.1-${cpu}`],
  },
  {
    name: "al2023-ami-minimal-2023.9.20251117.1-kernel-6.1-",
    description: "Amazon Linux 2023 AMI 2023.9.20251117.1 minimal HVM kernel-6.1",
    created: "2025-11-18T00:00:00.000Z",
    parameters: (cpu: string) => [`al2023-ami-minimal-kernel-default-${cpu}`, `al2023-ami-minimal-kernel-6.1-${cpu}`],
  },
  {
    name: "amzn2-ami-kernel-5.10-hvm-2.0.20251110.1-",
    nameEnd: "-gp2",
    description: "Amazon Linux 2 Kernel 5.10 AMI 2.0.20251110.1 HVM gp2",
    created: "2025-11-12T00:00:00.000Z",
    parameters: (cpu: string) => [`amzn2-ami-kernel-5.10-hvm-${cpu}-gp2`, `amzn2-ami-hvm-${cpu}-gp2`],
  },
];

interface WellKnownImage {
  readonly image: Image & { readonly ImageId: string };
  readonly parameters: readonly string[];
}

/** A region's public images of AWS's own. An instance of one begins with an empty disk, and this machine's programs. */
export function wellKnownImages(region: Region): readonly WellKnownImage[] {
  return (["x86_64", "arm64"] as const).flatMap((cpu) =>
    releases.map(({ name, nameEnd = "", description, created, parameters }): WellKnownImage => {
      const Name = `${name}${cpu}${nameEnd}`;
      const isNew = Name.startsWith("al2023");
      return {
        parameters: parameters(cpu).map((parameter) => `${parameterPath}${parameter}`),
        image: {
          ImageId: `ami-0${createHash("sha256").update(`${region}/${Name}`).digest("hex").slice(0, 16)}`,
          Name,
          ImageLocation: `amazon/${Name}`,
          ImageOwnerAlias: "amazon",
          ImageType: "machine",
          OwnerId: amazon,
          Public: true,
          Architecture: cpu,
          CreationDate: created,
          Description: description,
          EnaSupport: true,
          Hypervisor: "xen",
          PlatformDetails: "Linux/UNIX",
          UsageOperation: "RunInstances",
          RootDeviceName: "/dev/xvda",
          RootDeviceType: "ebs",
          BlockDeviceMappings: [
            {
              DeviceName: "/dev/xvda",
              Ebs: { DeleteOnTermination: true, Encrypted: false, VolumeSize: 8, VolumeType: isNew ? "gp3" : "gp2" },
            },
          ],
          State: "available",
          VirtualizationType: "hvm",
          ...(isNew && { BootMode: "uefi-preferred", ImdsSupport: "v2.0" }),
        },
      };
    }),
  );
}

export function isWellKnownImage(region: Region, id: string): boolean {
  return wellKnownImages(region).some(({ image }) => image.ImageId === id);
}

/** Public parameters of Parameter Store whose values are images: by name, the image's id and when it was made. */
export function imageParameters(
  region: Region,
): ReadonlyMap<string, { readonly id: string; readonly createdAt: number }> {
  return new Map(
    wellKnownImages(region).flatMap(({ image, parameters }) =>
      parameters.map((name) => [name, { id: image.ImageId, createdAt: Date.parse(image.CreationDate ?? "") }] as const),
    ),
  );
}
