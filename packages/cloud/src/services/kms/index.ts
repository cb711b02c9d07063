import { defineService } from "../../kernel/service.ts";
import * as aliases from "./operations/aliases.ts";
import * as cryptography from "./operations/cryptography.ts";
import * as keys from "./operations/keys.ts";
import { alias, key } from "./resources/key.ts";
import type { Sdk } from "./sdk.ts";
import { tables } from "./store.ts";
import { upkeep } from "./upkeep.ts";

export const kms = defineService<Sdk>({
  id: "kms",
  scope: "regional",
  tables,
  operations: { ...aliases, ...cryptography, ...keys },
  controllers: [upkeep],
  resources: { "AWS::KMS::Alias": alias, "AWS::KMS::Key": key },
});
