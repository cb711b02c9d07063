import type { Handler } from "../../../kernel/service.ts";
import { readTags } from "../../../kernel/tags.ts";
import { partitionOf } from "@trysail/core";
import { errors } from "../errors.ts";
import { addVersion, current } from "../model.ts";
import type { Secret } from "../model.ts";
import { saveVersions, tables, versionsOf } from "../store.ts";
import type { Sdk } from "../sdk.ts";
import { checkToken, readValue, refuseType, writeVersion } from "../values.ts";

const lettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html */
export const createSecret: Handler<Sdk, "createSecret"> = (ctx, input) => {
  const name = input.Name;
  if (!/^[A-Za-z0-9/_+=.@-]{1,512}$/.test(name)) {
    throw errors.InvalidParameterException(
      "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
    );
  }
  if (input.AddReplicaRegions?.length) {
    throw errors.InvalidParameterException(
      "Trysail does not replicate secrets to other regions: leave out AddReplicaRegions.",
    );
  }
  refuseType(input);
  const value = readValue(input);
  const secrets = ctx.table(tables.secrets);
  const existing = secrets.get(name);
  if (existing !== undefined) {
    if (existing.deletion !== undefined) {
      throw errors.InvalidRequestException(
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
      );
    }
    const repeated = versionsOf(ctx, existing).find(({ id }) => id === input.ClientRequestToken);
    if (repeated === undefined || value === undefined) {
      throw errors.ResourceExistsException(`The operation failed because the secret ${name} already exists.`);
    }
    writeVersion(ctx, existing, repeated.id, value, []);
    return { ARN: existing.arn, Name: name, VersionId: repeated.id };
  }

  const secret: Secret = {
    name,
    arn: `arn:${partitionOf(ctx.region)}:secretsmanager:${ctx.region}:${ctx.account}:secret:${name}-${ctx.ids.text(6, lettersAndDigits)}`,
    description: input.Description,
    kmsKeyId: input.KmsKeyId,
    createdAt: ctx.now,
    changedAt: ctx.now,
    tags: readTags(input.Tags),
    resourcePolicy: undefined,
    deletion: undefined,
  };
  secrets.put(name, secret);
  if (value === undefined) return { ARN: secret.arn, Name: name };
  const id = checkToken(input.ClientRequestToken) ?? ctx.ids.uuid();
  saveVersions(ctx, secret, addVersion([], { id, createdAt: ctx.now, ...value }, [current]));
  return { ARN: secret.arn, Name: name, VersionId: id };
};
