import type { Context } from "../../../kernel/context.ts";
import { isAwsError } from "../../../kernel/errors.ts";
import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import type { Sdk } from "../sdk.ts";
import { findActiveStream, putStream } from "../store.ts";

/** A key that is there and can be used, or AWS's error. */
async function checkKey(ctx: Context, KeyId: string): Promise<void> {
  try {
    const { KeyMetadata } = await ctx.call.kms.describeKey({ KeyId });
    if (KeyMetadata?.Enabled !== true)
      throw errors.KMSDisabledException(`${KeyMetadata?.Arn} is disabled. (Service: AWSKMS)`);
  } catch (error) {
    if (!isAwsError(error, "NotFoundException")) throw error;
    throw errors.KMSNotFoundException(error.message);
  }
}

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_StartStreamEncryption.html */
export const startStreamEncryption: Handler<Sdk, "startStreamEncryption"> = async (ctx, input) => {
  await checkKey(ctx, input.KeyId);
  ctx.transaction(() => {
    putStream(ctx, { ...findActiveStream(ctx, input), encryptionKey: input.KeyId, status: "UPDATING" });
  });
  return {};
};

/** @see https://docs.aws.amazon.com/kinesis/latest/APIReference/API_StopStreamEncryption.html */
export const stopStreamEncryption: Handler<Sdk, "stopStreamEncryption"> = (ctx, input) => {
  const { encryptionKey, ...stream } = findActiveStream(ctx, input);
  if (encryptionKey === undefined)
    throw errors.InvalidArgumentException(`Stream ${stream.name} under account ${ctx.account} is not encrypted.`);
  putStream(ctx, { ...stream, status: "UPDATING" });
  return {};
};
