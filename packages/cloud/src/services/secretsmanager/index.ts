import { defineService } from "../../kernel/service.ts";
import { deletion } from "./deletion.ts";
import * as createSecret from "./operations/create-secret.ts";
import * as deleteSecret from "./operations/delete-secret.ts";
import * as describeSecret from "./operations/describe-secret.ts";
import * as getRandomPassword from "./operations/get-random-password.ts";
import * as getSecretValue from "./operations/get-secret-value.ts";
import * as listSecrets from "./operations/list-secrets.ts";
import * as putSecretValue from "./operations/put-secret-value.ts";
import * as tagsAndPolicy from "./operations/tags-and-policy.ts";
import { secret } from "./resources/secret.ts";
import type { Sdk } from "./sdk.ts";
import { tables } from "./store.ts";

export const secretsmanager = defineService<Sdk>({
  id: "secretsmanager",
  scope: "regional",
  tables,
  operations: {
    ...createSecret,
    ...deleteSecret,
    ...describeSecret,
    ...getRandomPassword,
    ...getSecretValue,
    ...listSecrets,
    ...putSecretValue,
    ...tagsAndPolicy,
  },
  controllers: [deletion],
  resources: { "AWS::SecretsManager::Secret": secret },
});
