import type { Handler } from "../../../kernel/service.ts";
import { describe } from "../describe.ts";
import type { Sdk } from "../sdk.ts";
import { findSecret } from "../store.ts";

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html */
export const describeSecret: Handler<Sdk, "describeSecret"> = (ctx, input) =>
  describe(ctx, findSecret(ctx, input.SecretId));
