import type { Service } from "../kernel/service.ts";
import { ecr } from "./ecr/index.ts";
import { kms } from "./kms/index.ts";
import { secretsmanager } from "./secretsmanager/index.ts";
import { ssm } from "./ssm/index.ts";

/** Every service of the cloud. Adding one is a folder and a line here. */
export const services = [ecr, kms, secretsmanager, ssm] as readonly Service[];
