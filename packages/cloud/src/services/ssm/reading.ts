import type { Context } from "../../kernel/context.ts";
import { splitSelector } from "./model.ts";
import type { ParameterVersion } from "./model.ts";
import { arnOf } from "./store.ts";

/** What a reader gets of a version; a SecureString's value only in clear if `decrypted`. */
export async function readVersion(ctx: Context, version: ParameterVersion, decrypted: boolean, askedAs: string) {
  const { selector } = splitSelector(askedAs);
  let { value } = version;
  if (version.type === "SecureString" && decrypted) {
    const { Plaintext = new Uint8Array() } = await ctx.call.kms.decrypt({
      CiphertextBlob: Buffer.from(value, "base64"),
      EncryptionContext: { PARAMETER_ARN: arnOf(ctx, version.name) },
    });
    value = Buffer.from(Plaintext).toString();
  }
  return {
    Name: version.name,
    Type: version.type,
    Value: value,
    Version: version.version,
    Selector: selector === undefined ? undefined : `:${selector}`,
    LastModifiedDate: new Date(version.modifiedAt),
    ARN: arnOf(ctx, version.name),
    DataType: version.dataType,
  };
}
