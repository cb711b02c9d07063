import type { Context } from "../../kernel/context.ts";
import { imageParameters } from "../ec2/images/well-known.ts";
import type { ParameterVersion } from "./model.ts";

/**
 * Parameters that AWS publishes in every account: the ids of its newest images.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters.html
 */
export function publicParameters(ctx: Context): ReadonlyMap<string, ParameterVersion> {
  return new Map(
    [...imageParameters(ctx.region)].map(([name, { id, createdAt }]) => [
      name,
      {
        name,
        version: 1,
        type: "String",
        value: id,
        keyId: undefined,
        dataType: "aws:ec2:image",
        tier: "Standard",
        description: undefined,
        allowedPattern: undefined,
        modifiedAt: createdAt,
        modifiedBy: "",
        labels: [],
      },
    ]),
  );
}

export function isPublic(name: string): boolean {
  return name.startsWith("/aws/");
}
