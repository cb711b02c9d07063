import { defineService } from "../../kernel/service.ts";
import { deletion } from "./deletion.ts";
import { createSecret } from "./operations/create-secret.ts";
import { deleteSecret, restoreSecret } from "./operations/delete-secret.ts";
import { describeSecret } from "./operations/describe-secret.ts";
import { getRandomPassword } from "./operations/get-random-password.ts";
import { batchGetSecretValue, getSecretValue } from "./operations/get-secret-value.ts";
import { listSecretVersionIds, listSecrets } from "./operations/list-secrets.ts";
import { putSecretValue, updateSecret, updateSecretVersionStage } from "./operations/put-secret-value.ts";
import {
  deleteResourcePolicy,
  getResourcePolicy,
  putResourcePolicy,
  tagResource,
  untagResource,
} from "./operations/tags-and-policy.ts";
import { secret } from "./resources/secret.ts";
import type { Sdk } from "./sdk.ts";
import { tables } from "./store.ts";

export const secretsmanager = defineService<Sdk>({
  id: "secretsmanager",
  scope: "regional",
  tables,
  operations: {
    batchGetSecretValue,
    createSecret,
    deleteResourcePolicy,
    deleteSecret,
    describeSecret,
    getRandomPassword,
    getResourcePolicy,
    getSecretValue,
    listSecretVersionIds,
    listSecrets,
    putResourcePolicy,
    putSecretValue,
    restoreSecret,
    tagResource,
    untagResource,
    updateSecret,
    updateSecretVersionStage,
  },
  controllers: [deletion],
  resources: { "AWS::SecretsManager::Secret": secret },
});
