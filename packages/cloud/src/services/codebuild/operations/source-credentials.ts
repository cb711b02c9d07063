import type { Handler } from "../../../kernel/service.ts";
import { errors } from "../errors.ts";
import type { StoredCredential } from "../model.ts";
import type { Sdk } from "../sdk.ts";
import { arnOf, tables } from "../store.ts";

/** One for each kind of server. The token is used to clone, and never told. @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ImportSourceCredentials.html */
export const importSourceCredentials: Handler<Sdk, "importSourceCredentials"> = (ctx, input) => {
  const { serverType, authType, token, username } = input;
  if (authType === "CODECONNECTIONS" || authType === "OAUTH") {
    throw errors.InvalidInputException(
      `Trysail clones with a token of its own: authType ${authType} is not supported.`,
    );
  }
  const arn = arnOf(ctx, `token/${serverType.toLowerCase()}`);
  const credentials = ctx.table(tables.credentials);
  if (credentials.has(arn) && input.shouldOverwrite === false) {
    throw errors.ResourceAlreadyExistsException("Access token with server type and auth type already exists");
  }
  const stored: StoredCredential = { arn, serverType, authType, token, username };
  credentials.put(arn, stored);
  return { arn };
};

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ListSourceCredentials.html */
export const listSourceCredentials: Handler<Sdk, "listSourceCredentials"> = (ctx) => ({
  sourceCredentialsInfos: [...ctx.table(tables.credentials).values()].map(({ arn, serverType, authType }) => ({
    arn,
    serverType,
    authType,
  })),
});

/** @see https://docs.aws.amazon.com/codebuild/latest/APIReference/API_DeleteSourceCredentials.html */
export const deleteSourceCredentials: Handler<Sdk, "deleteSourceCredentials"> = (ctx, input) => {
  if (!ctx.table(tables.credentials).delete(input.arn))
    throw errors.ResourceNotFoundException(`Source credentials cannot be found: ${input.arn}`);
  return { arn: input.arn };
};
