import type { Service } from "../kernel/service.ts";
import { applicationAutoscaling } from "./application-autoscaling/index.ts";
import { autoscaling } from "./autoscaling/index.ts";
import { cloudformation } from "./cloudformation/index.ts";
import { codebuild } from "./codebuild/index.ts";
import { codecommit } from "./codecommit/index.ts";
import { codepipeline } from "./codepipeline/index.ts";
import { codestarConnections } from "./codestar-connections/index.ts";
import { ec2 } from "./ec2/index.ts";
import { ecr } from "./ecr/index.ts";
import { ecs } from "./ecs/index.ts";
import { elasticloadbalancing } from "./elasticloadbalancing/index.ts";
import { events } from "./events/index.ts";
import { iam } from "./iam/index.ts";
import { kinesis } from "./kinesis/index.ts";
import { kms } from "./kms/index.ts";
import { lambda } from "./lambda/index.ts";
import { logs } from "./logs/index.ts";
import { monitoring } from "./monitoring/index.ts";
import { repositories } from "./repositories/index.ts";
import { s3 } from "./s3/index.ts";
import { secretsmanager } from "./secretsmanager/index.ts";
import { sns } from "./sns/index.ts";
import { ssm } from "./ssm/index.ts";
import { sts } from "./sts/index.ts";
import { workloads } from "./workloads/index.ts";

/** Every service of the cloud. Adding one is a folder and a line here. */
export const services = [
  applicationAutoscaling,
  autoscaling,
  cloudformation,
  codebuild,
  codecommit,
  codepipeline,
  codestarConnections,
  ec2,
  ecr,
  ecs,
  elasticloadbalancing,
  events,
  iam,
  kinesis,
  kms,
  lambda,
  logs,
  monitoring,
  repositories,
  s3,
  secretsmanager,
  sns,
  ssm,
  sts,
  workloads,
] as readonly Service[];
