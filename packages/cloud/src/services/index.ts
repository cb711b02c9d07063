import type { Service } from "../kernel/service.ts";
import { codestarConnections } from "./codestar-connections/index.ts";
import { ecr } from "./ecr/index.ts";
import { iam } from "./iam/index.ts";
import { kms } from "./kms/index.ts";
import { repositories } from "./repositories/index.ts";
import { secretsmanager } from "./secretsmanager/index.ts";
import { ssm } from "./ssm/index.ts";
import { sts } from "./sts/index.ts";

/** Every service of the cloud. Adding one is a folder and a line here. */
export const services = [codestarConnections, ecr, iam, kms, repositories, secretsmanager, ssm, sts] as readonly Service[];
