import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { isMadeFor } from "../../../kernel/resource.ts";
import type { ResourceType } from "../../../kernel/resource.ts";
import { unlessGone } from "./identity-policies.ts";
import { changed } from "./properties.ts";
import type { TagProperty } from "./properties.ts";

interface ServerCertificateProperties {
  readonly ServerCertificateName?: string;
  readonly CertificateBody?: string;
  readonly CertificateChain?: string;
  readonly PrivateKey?: string;
  readonly Path?: string;
  readonly Tags?: readonly TagProperty[];
}

async function identityOf(ctx: Context, name: string) {
  const { ServerCertificate: found } = await ctx.call.iam.getServerCertificate({ ServerCertificateName: name });
  return { status: "done", id: name, attributes: { Arn: found?.ServerCertificateMetadata?.Arn } } as const;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-servercertificate.html */
export const serverCertificate: ResourceType = {
  properties: ["CertificateBody", "CertificateChain", "Path", "PrivateKey", "ServerCertificateName", "Tags"],
  replacedBy: ["CertificateBody", "CertificateChain", "PrivateKey", "ServerCertificateName"],

  async create(ctx, properties: ServerCertificateProperties, request) {
    const { CertificateBody = "", PrivateKey = "", CertificateChain, Path, Tags = [] } = properties;
    const name = properties.ServerCertificateName ?? request.generatedName({ maxLength: 128 });
    try {
      await ctx.call.iam.uploadServerCertificate({
        ServerCertificateName: name,
        CertificateBody,
        PrivateKey,
        CertificateChain,
        Path,
        Tags: [...request.tags, ...Tags],
      });
    } catch (error) {
      if (!isAwsError(error, "EntityAlreadyExists")) throw error;
      const { ServerCertificate: found } = await ctx.call.iam.getServerCertificate({ ServerCertificateName: name });
      if (!isMadeFor(request, found?.Tags ?? [])) throw error;
    }
    return identityOf(ctx, name);
  },

  async update(ctx, id, properties, previous, request) {
    const { Path = "/", Tags = [] } = properties as ServerCertificateProperties;
    if (changed("Path", properties, previous))
      await ctx.call.iam.updateServerCertificate({ ServerCertificateName: id, NewPath: Path });
    const tags = [...request.tags, ...Tags];
    const before = (previous as ServerCertificateProperties).Tags ?? [];
    const gone = before.map(({ Key }) => Key).filter((key) => !tags.some(({ Key }) => Key === key));
    if (gone.length > 0) await ctx.call.iam.untagServerCertificate({ ServerCertificateName: id, TagKeys: gone });
    await ctx.call.iam.tagServerCertificate({ ServerCertificateName: id, Tags: tags });
    return identityOf(ctx, id);
  },

  async remove(ctx, id) {
    await unlessGone(ctx.call.iam.deleteServerCertificate({ ServerCertificateName: id }));
    return { status: "done" };
  },
};
