import type { Image } from "@aws-sdk/client-ec2";
import type { Context } from "../../../kernel/context.ts";
import { kinds } from "../kinds.ts";
import type { ImageRow } from "../model.ts";
import { find } from "../resources-of-kind.ts";
import { tables } from "../store.ts";
import { wellKnownImages } from "./well-known.ts";

/** An image of the account's own, or one of AWS's public ones. @throws AwsError `InvalidAMIID.NotFound` */
export function findImage(ctx: Context, id: string): Image | ImageRow {
  const own = ctx.table(tables.images).get(id);
  if (own !== undefined) return own;
  return wellKnownImages(ctx.region).find(({ image }) => image.ImageId === id)?.image ?? find(ctx, kinds.image, id);
}
