import type { KeyFormat, KeyPairInfo, KeyType, Tag } from "@aws-sdk/client-ec2";
import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import { isMadeFor } from "../../../kernel/resource.ts";
import type { Properties, ResourceRequest, ResourceType } from "../../../kernel/resource.ts";
import { unlessGone } from "./resource-kit.ts";

interface KeyPairProperties extends Properties {
  readonly KeyName: string;
  readonly KeyType?: KeyType;
  readonly KeyFormat?: KeyFormat;
  readonly PublicKeyMaterial?: string;
  readonly Tags?: Tag[];
}

/** Where CloudFormation leaves the private key of a pair that it has made. */
const parameterOf = (keyPairId: string) => `/ec2/keypair/${keyPairId}`;

async function find(ctx: Context, name: string): Promise<KeyPairInfo | undefined> {
  try {
    return (await ctx.call.ec2.describeKeyPairs({ KeyNames: [name] })).KeyPairs?.[0];
  } catch (error) {
    if (isAwsError(error, "InvalidKeyPair.NotFound")) return undefined;
    throw error;
  }
}

async function remove(ctx: Context, { KeyName, KeyPairId = "" }: KeyPairInfo): Promise<void> {
  await unlessGone("ParameterNotFound", () => ctx.call.ssm.deleteParameter({ Name: parameterOf(KeyPairId) }));
  await ctx.call.ec2.deleteKeyPair({ KeyName });
}

async function make(ctx: Context, properties: KeyPairProperties, request: ResourceRequest) {
  const { KeyName, KeyType = "rsa", KeyFormat, PublicKeyMaterial } = properties;
  const Tags = [...request.tags, ...(properties.Tags ?? [])];
  const TagSpecifications = [{ ResourceType: "key-pair" as const, Tags }];
  if (PublicKeyMaterial !== undefined)
    return ctx.call.ec2.importKeyPair({
      KeyName,
      PublicKeyMaterial: Buffer.from(PublicKeyMaterial),
      TagSpecifications,
    });
  const made = await ctx.call.ec2.createKeyPair({ KeyName, KeyType, KeyFormat, TagSpecifications });
  await ctx.call.ssm.putParameter({
    Name: parameterOf(made.KeyPairId ?? ""),
    Type: "SecureString",
    Value: made.KeyMaterial ?? "",
  });
  return made;
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-keypair.html */
export const keyPair: ResourceType = {
  properties: ["KeyName", "KeyType", "KeyFormat", "PublicKeyMaterial", "Tags"],
  required: ["KeyName"],
  replacedBy: ["KeyName", "KeyType", "KeyFormat", "PublicKeyMaterial", "Tags"],

  async create(ctx, properties: KeyPairProperties & Properties, request) {
    const { KeyName } = properties;
    const before = await find(ctx, KeyName);
    // Of an attempt that was cut short, whose private key may be lost.
    if (before !== undefined && isMadeFor(request, before.Tags ?? [])) await remove(ctx, before);
    const { KeyPairId, KeyFingerprint } = await make(ctx, properties, request);
    return { status: "done", id: KeyName, attributes: { KeyPairId, KeyFingerprint } };
  },

  async remove(ctx, KeyName) {
    const found = await find(ctx, KeyName);
    if (found !== undefined) await remove(ctx, found);
    return { status: "done" };
  },
};
