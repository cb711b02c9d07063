import { defineService } from "../../kernel/service.ts";
import * as change from "./operations/change-parameters.ts";
import * as get from "./operations/get-parameter.ts";
import * as put from "./operations/put-parameter.ts";
import { parameter } from "./resources/parameter.ts";
import type { Sdk } from "./sdk.ts";
import { tables } from "./store.ts";

export const ssm = defineService<Sdk>({
  id: "ssm",
  scope: "regional",
  tables,
  operations: { ...change, ...get, ...put },
  resources: { "AWS::SSM::Parameter": parameter },
});
