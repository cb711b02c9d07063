import { defineService } from "../../kernel/service.ts";
import * as policies from "./operations/policies.ts";
import * as repositories from "./operations/repositories.ts";
import { repository } from "./resources/repository.ts";
import type { Sdk } from "./sdk.ts";
import { tables } from "./store.ts";

export const ecr = defineService<Sdk>({
  id: "ecr",
  scope: "regional",
  tables,
  operations: { ...policies, ...repositories },
  resources: { "AWS::ECR::Repository": repository },
});
