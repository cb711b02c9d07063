import { join } from "node:path";
import type { Service } from "@aws-sdk/client-ecs";
import { TrysailError } from "@trysail/core";
import { readFromArchive } from "../archive.ts";
import { downloadObject } from "../artifacts.ts";
import { parseImageDefinitions, withImages } from "../model/image-definitions.ts";
import type { ImageDefinition } from "../model/image-definitions.ts";
import type { Provider, Step, Work } from "./provider.ts";

/** @see https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html */
const largestFileBytes = 100 * 1024;
const longestMinutes = 60;
const minuteMs = 60_000;

/** The revision that was registered, and the deployment that brings it. */
interface EcsProgress {
  readonly taskDefinition: string;
  readonly deployment?: string;
}

const isEcsProgress = (progress: unknown): progress is EcsProgress =>
  typeof progress === "object" && progress !== null && "taskDefinition" in progress;

/**
 * Registers the next revision of a service's task definition, with other images, and deploys it.
 *
 * @see https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECS.html
 */
export const ecs: Provider = {
  async step(work) {
    const { acting, record } = work;
    const service = await serviceOf(work);
    if (!isEcsProgress(record.progress)) {
      const taskDefinition = await register(work, service);
      return { status: "waiting", progress: { taskDefinition }, wakeAt: acting.now };
    }
    const { taskDefinition, deployment } = record.progress;
    if (deployment === undefined) return waitFor(work, taskDefinition, await deploy(work, service, taskDefinition));
    return follow(work, service, record.progress);
  },
};

const failed = (message: string): Step => ({ status: "failed", code: "JobFailed", message });

async function serviceOf({ acting, input }: Work): Promise<Service> {
  const { ClusterName: cluster = "", ServiceName: name = "" } = input.configuration;
  const { services = [] } = await acting.call.ecs.describeServices({ cluster, services: [name] });
  const [service] = services;
  if (service === undefined || service.status !== "ACTIVE") {
    throw new TrysailError(
      "invalid-configuration",
      `The ECS service ${name} in the cluster ${cluster} is not ACTIVE.`,
      {
        fault: "user",
      },
    );
  }
  return service;
}

async function register(work: Work, service: Service): Promise<string> {
  const { acting } = work;
  const images = await imagesOf(work);
  const { taskDefinition = {}, tags = [] } = await acting.call.ecs.describeTaskDefinition({
    taskDefinition: service.taskDefinition ?? "",
    include: ["TAGS"],
  });
  const registered = await acting.call.ecs.registerTaskDefinition(withImages(taskDefinition, tags, images));
  return registered.taskDefinition?.taskDefinitionArn ?? "";
}

async function imagesOf({ input, storing, folder }: Work): Promise<readonly ImageDefinition[]> {
  const { FileName: name = "imagedefinitions.json" } = input.configuration;
  const [artifact] = input.inputs;
  if (artifact === undefined) throw new Error("a deploy action has no input");
  const file = join(folder, "artifact.zip");
  await downloadObject(storing, artifact, file);
  const content = await readFromArchive(file, name, largestFileBytes);
  if (content === undefined) {
    throw new TrysailError(
      "invalid-configuration",
      `Did not find the image definition file ${name} in the input artifacts ZIP file. Verify the file is stored in your pipeline's Amazon S3 artifact bucket: ${artifact.bucket} key: ${artifact.key}`,
      { fault: "user" },
    );
  }
  return parseImageDefinitions(name, content.toString());
}

/** Has the service deploy the revision, unless it was done before an interruption. @returns the deployment's id */
async function deploy({ acting }: Work, service: Service, taskDefinition: string): Promise<string> {
  const updated =
    service.taskDefinition === taskDefinition
      ? service
      : (
          await acting.call.ecs.updateService({
            cluster: service.clusterArn,
            service: service.serviceName ?? "",
            taskDefinition,
          })
        ).service;
  return updated?.deployments?.find(({ status }) => status === "PRIMARY")?.id ?? "";
}

function deadlineOf({ record, input }: Work): { readonly minutes: number; readonly at: number } {
  const minutes = Number(input.configuration["DeploymentTimeout"] ?? longestMinutes);
  return { minutes, at: record.startedAt + minutes * minuteMs };
}

function waitFor(work: Work, taskDefinition: string, deployment: string): Step {
  return {
    status: "waiting",
    progress: { taskDefinition, deployment },
    awaits: ["deployment", deployment],
    wakeAt: deadlineOf(work).at,
    externalId: deployment,
  };
}

async function follow(
  work: Work,
  service: Service,
  { taskDefinition, deployment: id = "" }: EcsProgress,
): Promise<Step> {
  const { acting } = work;
  const shown = { externalId: id };
  const deployment = service.deployments?.find((each) => each.id === id);
  if (deployment?.rolloutState === "COMPLETED")
    return { status: "succeeded", summary: "Deployment Succeeded", ...shown };
  if (deployment?.rolloutState === "FAILED")
    return { ...failed(deployment.rolloutStateReason ?? `The ECS deployment ${id} failed.`), ...shown };
  if (deployment === undefined || deployment.status !== "PRIMARY")
    return { ...failed(await whyGone(work, service, id)), ...shown };
  const { minutes, at } = deadlineOf(work);
  if (acting.now < at) return waitFor(work, taskDefinition, id);
  // The latest of the service's events says what it waits for.
  const last = service.events?.[0]?.message;
  const message = `The ECS service ${service.serviceName} did not finish its deployment ${id} within ${minutes} minutes.`;
  return {
    status: "failed",
    code: "TimeoutError",
    message: last === undefined ? message : `${message} Its last event: ${last}`,
    ...shown,
  };
}

/** A deployment that another has taken the place of: its own rollback, or somebody else's. */
async function whyGone({ acting }: Work, service: Service, id: string): Promise<string> {
  const { serviceDeployments: [latest] = [] } = await acting.call.ecs.listServiceDeployments({
    cluster: service.clusterArn,
    service: service.serviceName ?? "",
  });
  const reason = latest?.statusReason;
  return reason === undefined
    ? `The ECS deployment ${id} was replaced by a newer one.`
    : `The ECS deployment ${id} did not succeed: ${reason}`;
}
