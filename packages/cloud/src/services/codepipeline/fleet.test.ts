import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from "@aws-sdk/client-ecs";
import { CreateFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { ActionDeclaration, RuleDeclaration } from "@aws-sdk/client-codepipeline";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { ListActionExecutionsCommand } from "@aws-sdk/client-codepipeline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { zipOf } from "./archive.ts";
import { source, startPipelineWorld } from "./pipelines.test-kit.ts";
import type { PipelineWorld } from "./pipelines.test-kit.ts";

let world: PipelineWorld;
beforeAll(async () => {
  world = await startPipelineWorld();
});
afterAll(() => world.cloud.stop());

const sourceStage = { name: "Source", actions: [source] };
const minuteMs = 60_000;
const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

describe("the Lambda action and rule", () => {
  const invoke = (name: string, parameters?: string): ActionDeclaration => ({
    name: "Call",
    actionTypeId: { category: "Invoke", owner: "AWS", provider: "Lambda", version: "1" },
    configuration: { FunctionName: name, ...(parameters !== undefined && { UserParameters: parameters }) },
    inputArtifacts: [{ name: "Code" }],
    namespace: "Called",
  });

  let role: string | undefined;

  /** A function that is called with the client and the job of each event. */
  const make = async (name: string, body: string) => {
    const code = `
      const { CodePipelineClient, PutJobSuccessResultCommand, PutJobFailureResultCommand } = await import("@aws-sdk/client-codepipeline");
      const client = new CodePipelineClient({});
      const succeed = (jobId, more) => client.send(new PutJobSuccessResultCommand({ jobId, ...more }));
      const fail = (jobId, message) => client.send(new PutJobFailureResultCommand({ jobId, failureDetails: { type: "JobFailed", message } }));
      export const handler = async ({ "CodePipeline.job": job }) => { const { id, data } = job; ${body} };`;
    await world.cloud.client(LambdaClient).send(
      new CreateFunctionCommand({
        FunctionName: name,
        Runtime: "nodejs20.x",
        Handler: "index.handler",
        Role: role,
        Code: { ZipFile: await zipOf({ "index.mjs": code }) },
        Timeout: 60,
      }),
    );
  };

  beforeAll(async () => {
    const { Role } = await world.cloud
      .client(IAMClient)
      .send(new CreateRoleCommand({ RoleName: "functions", AssumeRolePolicyDocument: trust }));
    role = Role?.Arn;
    await world.upload({ "index.html": "one" });
    await make(
      "answers",
      `const { bucketName, objectKey } = data.inputArtifacts[0].location.s3Location;
       await succeed(id, { outputVariables: {
         told: data.actionConfiguration.configuration.UserParameters,
         artifact: bucketName + "/" + objectKey,
         reachable: String(data.artifactCredentials !== undefined),
       } });`,
    );
    await make("refuses", `await fail(id, "not today");`);
    await make("forgets", "");
    await make(
      "continues",
      `if (data.continuationToken === undefined)
         await succeed(id, { continuationToken: "second", executionDetails: { summary: "half", percentComplete: 50 } });
       else await succeed(id, { outputVariables: { token: data.continuationToken } });`,
    );
  });

  const outputs = async (pipelineName: string) => {
    const { actionExecutionDetails = [] } = await world.pipelines.send(
      new ListActionExecutionsCommand({ pipelineName }),
    );
    return actionExecutionDetails.find(({ actionName }) => actionName === "Call")?.output?.outputVariables;
  };

  it("calls a function with the job, and takes its variables over when it succeeds", async () => {
    await world.create("answers", [sourceStage, { name: "Do", actions: [invoke("answers", "hello")] }]);
    expect(await world.ended("answers", await world.latest("answers"))).toBe("Succeeded");
    expect(await outputs("answers")).toEqual({
      told: "hello",
      artifact: expect.stringMatching(/^store\/answers\/Code\/\w+$/) as string,
      reachable: "true",
    });
  });

  it("fails with what the function says, and with Lambda's error if there is none", async () => {
    await world.create("refuses", [sourceStage, { name: "Do", actions: [invoke("refuses")] }]);
    await world.create("missing", [sourceStage, { name: "Do", actions: [invoke("missing")] }]);
    expect((await world.until("refuses", "Call", "Failed")).errorDetails).toEqual({
      code: "JobFailed",
      message: "not today",
    });
    expect((await world.until("missing", "Call", "Failed")).errorDetails).toMatchObject({
      code: "ResourceNotFoundException",
    });
  });

  it("calls a function that asks for it again later, with its token", async () => {
    await world.create("continues", [sourceStage, { name: "Do", actions: [invoke("continues")] }]);
    await world.cloud.eventually(async () => (await world.action("continues", "Call"))?.summary === "half");
    await world.cloud.clock.advance({ seconds: 30 });
    expect(await world.until("continues", "Call", "Succeeded")).toMatchObject({ percentComplete: 50 });
    expect(await outputs("continues")).toEqual({ token: "second" });
  });

  it("asks a function whether a stage may be entered", async () => {
    const rule = (FunctionName: string): RuleDeclaration => ({
      name: "Ask",
      ruleTypeId: { category: "Rule", owner: "AWS", provider: "LambdaInvoke", version: "1" },
      configuration: { FunctionName },
      inputArtifacts: [{ name: "Code" }],
    });
    const stages = (name: string) => [
      sourceStage,
      {
        name: "Do",
        beforeEntry: { conditions: [{ result: "FAIL" as const, rules: [rule(name)] }] },
        actions: [invoke("answers", "after")],
      },
    ];
    await world.create("asks", stages("answers"));
    await world.create("asks-in-vain", stages("refuses"));
    expect(await world.ended("asks", await world.latest("asks"))).toBe("Succeeded");
    expect(await world.ended("asks-in-vain", await world.latest("asks-in-vain"))).toBe("Failed");
    expect(await world.action("asks-in-vain", "Call")).toBeUndefined();
  });

  // The last one: the functions' own clocks would be too far behind afterwards.
  it("gives a function up that tells no result for 20 minutes", async () => {
    await world.create("forgets", [sourceStage, { name: "Do", actions: [invoke("forgets")] }]);
    await world.until("forgets", "Call", "InProgress");
    await world.cloud.idle();
    await world.cloud.clock.advance({ ms: 19 * minuteMs });
    expect((await world.action("forgets", "Call"))?.status).toBe("InProgress");
    await world.cloud.clock.advance({ minutes: 2 });
    expect((await world.until("forgets", "Call", "Failed")).errorDetails).toMatchObject({
      code: "TimeoutError",
      message: expect.stringContaining("The AWS Lambda function forgets failed to return a result.") as string,
    });
  });
});

describe("the ECS action", () => {
  let ecs: ECSClient;
  const deployTo = (ServiceName: string, more: Record<string, string> = {}): ActionDeclaration => ({
    name: "Roll",
    actionTypeId: { category: "Deploy", owner: "AWS", provider: "ECS", version: "1" },
    configuration: { ClusterName: "fleet", ServiceName, ...more },
    inputArtifacts: [{ name: "Code" }],
  });
  const script = "trap 'exit 0' TERM; while :; do sleep 0.05; done";

  const makeService = async (serviceName: string, breaks = true) => {
    const { taskDefinition } = await ecs.send(
      new RegisterTaskDefinitionCommand({
        family: serviceName,
        containerDefinitions: [{ name: "app", image: "busybox:1", command: ["sh", "-c", script], memory: 32 }],
        tags: [{ key: "team", value: "shop" }],
      }),
    );
    await ecs.send(
      new CreateServiceCommand({
        cluster: "fleet",
        serviceName,
        taskDefinition: taskDefinition?.taskDefinitionArn,
        desiredCount: 1,
        deploymentConfiguration: { deploymentCircuitBreaker: { enable: breaks, rollback: breaks } },
      }),
    );
    await settled(serviceName);
  };
  const describeService = async (name: string) => {
    const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster: "fleet", services: [name] }));
    return services[0];
  };
  /** Lets the time pass until the answer is not undefined (or false). */
  const advancing = async <T>(ask: () => Promise<T | undefined | false>): Promise<T> => {
    for (;;) {
      await world.cloud.clock.advance({ seconds: 1 });
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    }
  };
  /** Until the service's one deployment is completed: its tasks count as healthy after a while. */
  const settled = (name: string) =>
    advancing(async () => {
      const service = await describeService(name);
      return service?.deployments?.length === 1 && service.deployments[0]?.rolloutState === "COMPLETED" && service;
    });
  const ended = (pipeline: string) =>
    advancing(async () => {
      const state = await world.action(pipeline, "Roll");
      return state?.status !== "InProgress" && state?.status !== undefined && state;
    });
  const images = (imageUri: string) => ({ "imagedefinitions.json": JSON.stringify([{ name: "app", imageUri }]) });

  beforeAll(async () => {
    ecs = world.cloud.client(ECSClient);
    await ecs.send(new CreateClusterCommand({ clusterName: "fleet" }));
  });

  it("deploys the next revision with the new image, and waits until it is rolled out", async () => {
    await makeService("good");
    await world.upload(images("busybox:2"));
    await world.create("good", [sourceStage, { name: "Ship", actions: [deployTo("good")] }]);
    expect(await ended("good")).toMatchObject({ status: "Succeeded", summary: "Deployment Succeeded" });
    const service = await describeService("good");
    expect(service?.deployments).toMatchObject([{ status: "PRIMARY", rolloutState: "COMPLETED", runningCount: 1 }]);
    const { taskDefinition, tags } = await ecs.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: service?.taskDefinition, include: ["TAGS"] }),
    );
    expect(taskDefinition).toMatchObject({ revision: 2, containerDefinitions: [{ name: "app", image: "busybox:2" }] });
    expect(tags).toEqual([{ key: "team", value: "shop" }]);
  });

  it("fails with the service's reason when the deployment is rolled back", async () => {
    await makeService("bad");
    await world.upload(images("nobody-has/this:1"));
    await world.create("bad", [sourceStage, { name: "Ship", actions: [deployTo("bad")] }]);
    const { status, errorDetails } = await ended("bad");
    expect({ status, errorDetails }).toMatchObject({
      status: "Failed",
      errorDetails: { code: "JobFailed", message: expect.stringMatching(/circuit breaker/i) as string },
    });
    expect((await settled("bad")).taskDefinition).toMatch(/:1$/);
  });

  it("gives up after its timeout, and tells what the service says", async () => {
    await makeService("slow", false);
    await world.upload(images("nobody-has/this:2"));
    await world.create("slow", [
      sourceStage,
      { name: "Ship", actions: [deployTo("slow", { DeploymentTimeout: "1" })] },
    ]);
    await world.until("slow", "Roll", "InProgress");
    await world.cloud.eventually(async () => (await describeService("slow"))?.deployments?.length === 2);
    const { status, errorDetails } = await ended("slow");
    expect({ status, errorDetails }).toMatchObject({
      status: "Failed",
      errorDetails: {
        code: "TimeoutError",
        message: expect.stringMatching(
          /^The ECS service slow did not finish .* within 1 minutes. Its last event: /,
        ) as string,
      },
    });
  });

  it("fails where file, container or service are not there", async () => {
    await makeService("plain");
    const messages = async (name: string, files: Record<string, string>, action: ActionDeclaration) => {
      await world.upload(files);
      await world.create(name, [sourceStage, { name: "Ship", actions: [action] }]);
      return (await world.until(name, "Roll", "Failed")).errorDetails?.message;
    };
    expect(await messages("no-file", { a: "b" }, deployTo("plain"))).toMatch(
      /^Did not find the image definition file imagedefinitions.json/,
    );
    expect(await messages("bad-file", { "x.json": "{" }, deployTo("plain", { FileName: "x.json" }))).toBe(
      "The image definition file x.json contains invalid JSON format",
    );
    expect(
      await messages(
        "no-container",
        { "imagedefinitions.json": `[{"name":"web","imageUri":"busybox"}]` },
        deployTo("plain"),
      ),
    ).toMatch(/does not contain a container with the name web/);
    expect(await messages("no-service", images("busybox"), deployTo("nothing"))).toBe(
      "The ECS service nothing in the cluster fleet is not ACTIVE.",
    );
    await expect(
      world.create("bad-timeout", [
        sourceStage,
        { name: "Ship", actions: [deployTo("plain", { DeploymentTimeout: "61" })] },
      ]),
    ).rejects.toMatchObject({ name: "InvalidActionDeclarationException" });
  });
});
