import { defineService } from "../../kernel/service.ts";
import { inOneTransaction } from "./handling.ts";
import { instances } from "./instances/controller.ts";
import * as accountAttributes from "./operations/account-attributes.ts";
import * as changeInstances from "./operations/change-instances.ts";
import * as describeInstances from "./operations/describe-instances.ts";
import * as launchTemplates from "./operations/launch-templates.ts";
import * as regions from "./operations/regions.ts";
import * as runInstances from "./operations/run-instances.ts";
import * as securityGroupRules from "./operations/security-group-rules.ts";
import * as securityGroups from "./operations/security-groups.ts";
import * as subnets from "./operations/subnets.ts";
import * as tags from "./operations/tags.ts";
import * as vpcs from "./operations/vpcs.ts";
import type { Sdk } from "./sdk.ts";
import { tables } from "./store.ts";

export const ec2 = defineService<Sdk>({
  id: "ec2",
  scope: "regional",
  tables,
  operations: {
    ...inOneTransaction({
      ...accountAttributes,
      ...changeInstances,
      ...describeInstances,
      ...launchTemplates,
      ...regions,
      ...securityGroupRules,
      ...securityGroups,
      ...subnets,
      ...tags,
      ...vpcs,
    }),
    ...runInstances,
  },
  controllers: [instances],
});
