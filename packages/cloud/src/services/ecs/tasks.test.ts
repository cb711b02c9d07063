import {
  DescribeTasksCommand,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
  TagResourceCommand,
} from "@aws-sdk/client-ecs";
import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";
import { ecsKit, shell, untilAsked } from "./ecs.test-kit.ts";
import type { Kit } from "./ecs.test-kit.ts";

describe("tasks", () => {
  let cloud: TestCloud;
  let kit: Kit;
  beforeEach(async () => {
    cloud = await startTestCloud();
    kit = ecsKit(cloud);
  });
  afterEach(() => cloud.stop());

  const run = async (taskDefinition: string, more = {}) => {
    const { tasks = [] } = await kit.ecs.send(new RunTaskCommand({ taskDefinition, ...more }));
    return tasks[0]?.taskArn ?? "";
  };

  it("run a real process, and stop with its exit code", async () => {
    const arn = await run(await kit.register([shell("exit 3")]));
    const stopped = await kit.inStatus(arn, "STOPPED");
    expect(stopped).toMatchObject({
      stopCode: "EssentialContainerExited",
      stoppedReason: "Essential container in task exited",
      containers: [{ name: "app", exitCode: 3, lastStatus: "STOPPED" }],
    });
  });

  it("stop when they are asked to, with the reason that was given", async () => {
    const arn = await run(await kit.register([shell(untilAsked)]));
    await kit.inStatus(arn, "RUNNING");
    await kit.ecs.send(new StopTaskCommand({ task: arn, reason: "enough" }));
    const stopped = await kit.inStatus(arn, "STOPPED");
    expect(stopped).toMatchObject({
      stopCode: "UserInitiated",
      stoppedReason: "enough",
    });
    // By SIGTERM itself if its shell was not yet so far as to wait for that.
    expect([0, 143]).toContain(stopped.containers?.[0]?.exitCode);
    const { taskArns } = await kit.ecs.send(new ListTasksCommand({ desiredStatus: "STOPPED" }));
    expect(taskArns).toEqual([arn]);
  });

  it("are told of for an hour after they have stopped", async () => {
    const arn = await run(await kit.register([shell("true")]));
    await kit.inStatus(arn, "STOPPED");
    await cloud.clock.advance({ hours: 1 });
    const { tasks, failures } = await kit.ecs.send(new DescribeTasksCommand({ tasks: [arn] }));
    expect(tasks).toEqual([]);
    expect(failures).toMatchObject([{ reason: "MISSING" }]);
  });

  it("give their containers what they need, and take what these write to their log", async () => {
    const iam = cloud.client(IAMClient);
    const { Role: role } = await iam.send(
      new CreateRoleCommand({ RoleName: "exec", AssumeRolePolicyDocument: '{"Version":"2012-10-17","Statement":[]}' }),
    );
    const secrets = cloud.client(SecretsManagerClient);
    const { ARN: secret = "" } = await secrets.send(
      new CreateSecretCommand({ Name: "db", SecretString: '{"password":"hush"}' }),
    );
    const definition = await kit.register(
      [
        shell('echo "$GREETING $PASSWORD $AWS_REGION"; echo "$LATE"', {
          environment: [
            { name: "GREETING", value: "hello" },
            { name: "LATE", value: "no" },
          ],
          secrets: [{ name: "PASSWORD", valueFrom: `${secret}:password::` }],
          logConfiguration: {
            logDriver: "awslogs",
            options: {
              "awslogs-group": "/app",
              "awslogs-region": "us-east-1",
              "awslogs-stream-prefix": "web",
              "awslogs-create-group": "true",
            },
          },
        }),
      ],
      { executionRoleArn: role?.Arn },
    );
    const arn = await run(definition, {
      overrides: { containerOverrides: [{ name: "app", environment: [{ name: "LATE", value: "yes" }] }] },
    });
    await kit.inStatus(arn, "STOPPED");
    const logs = cloud.client(CloudWatchLogsClient);
    const { events } = await logs.send(
      new GetLogEventsCommand({ logGroupName: "/app", logStreamName: `web/app/${arn.split("/").at(-1)}` }),
    );
    expect(events?.map(({ message }) => message)).toEqual(["hello hush us-east-1", "yes"]);
  });

  it("fail to start where a secret cannot be read, or an image is not there", async () => {
    const iam = cloud.client(IAMClient);
    const { Role: role } = await iam.send(
      new CreateRoleCommand({ RoleName: "exec", AssumeRolePolicyDocument: '{"Version":"2012-10-17","Statement":[]}' }),
    );
    const missing = "arn:aws:secretsmanager:us-east-1:000000000000:secret:none-abcdef";
    const withSecret = await kit.register([shell("true", { secrets: [{ name: "X", valueFrom: missing }] })], {
      executionRoleArn: role?.Arn,
    });
    expect(await kit.inStatus(await run(withSecret), "STOPPED")).toMatchObject({
      stopCode: "TaskFailedToStart",
      stoppedReason: expect.stringMatching(/^ResourceInitializationError: unable to pull secrets/),
    });
    const withImage = await kit.register([shell("true", { image: "missing.example/none:1" })]);
    expect(await kit.inStatus(await run(withImage), "STOPPED")).toMatchObject({
      stopCode: "TaskFailedToStart",
      stoppedReason: expect.stringMatching(/^CannotPullContainerError: /),
      containers: [{ reason: expect.stringMatching(/^CannotPullContainerError: /) }],
    });
  });

  it("start their containers in the order of their dependencies, and go on without those that are not essential", async () => {
    const definition = await kit.register([
      shell("exit 0", { name: "init", essential: false }),
      shell(untilAsked, { dependsOn: [{ containerName: "init", condition: "SUCCESS" }] }),
    ]);
    const running = await kit.inStatus(await run(definition), "RUNNING");
    expect(running.containers).toMatchObject([
      { name: "init", lastStatus: "STOPPED", exitCode: 0 },
      { name: "app", lastStatus: "RUNNING" },
    ]);
  });

  it("stop when the health check of an essential container fails so often as is allowed", async () => {
    const check = { command: ["CMD-SHELL", "exit 1"], interval: 5, retries: 2 };
    const arn = await run(await kit.register([shell(untilAsked, { healthCheck: check })]));
    await kit.inStatus(arn, "RUNNING");
    await cloud.clock.advance({ seconds: 5 });
    expect(await kit.inStatus(arn, "RUNNING")).toMatchObject({ healthStatus: "UNKNOWN" });
    await cloud.clock.advance({ seconds: 5 });
    expect(await kit.inStatus(arn, "STOPPED")).toMatchObject({ stoppedReason: "Task failed container health checks" });
  });

  it("tell their metadata and their role's credentials to themselves, and to nobody else", async () => {
    const iam = cloud.client(IAMClient);
    const { Role: role } = await iam.send(
      new CreateRoleCommand({ RoleName: "task", AssumeRolePolicyDocument: '{"Version":"2012-10-17","Statement":[]}' }),
    );
    const script = `
      const env = process.env;
      const get = async (url, headers = {}) => { const r = await fetch(url, { headers }); return [r.status, await r.json()]; };
      const [, meta] = await get(env.ECS_CONTAINER_METADATA_URI_V4 + "/task");
      const [, own] = await get(env.AWS_CONTAINER_CREDENTIALS_FULL_URI, { authorization: env.AWS_CONTAINER_AUTHORIZATION_TOKEN });
      const [refused] = await get(env.AWS_CONTAINER_CREDENTIALS_FULL_URI);
      process.exit(meta.Family === "app" && own.RoleArn === ${JSON.stringify(role?.Arn)} && refused === 401 ? 42 : 1);
    `;
    const definition = await kit.register(
      [{ name: "app", image: "node:22", memory: 256, command: ["node", "--input-type=module", "-e", script] }],
      { taskRoleArn: role?.Arn },
    );
    expect(await kit.inStatus(await run(definition), "STOPPED")).toMatchObject({ containers: [{ exitCode: 42 }] });
  });

  it("go on when Trysail is killed, and are found again", async () => {
    const arn = await run(await kit.register([shell(untilAsked)]));
    await kit.inStatus(arn, "RUNNING");
    await cloud.crash();
    await cloud.start();
    kit = ecsKit(cloud);
    expect(await kit.inStatus(arn, "RUNNING")).toMatchObject({ desiredStatus: "RUNNING" });
    await kit.ecs.send(new StopTaskCommand({ task: arn }));
    await kit.inStatus(arn, "STOPPED");
  });

  it("are started once for a client token", async () => {
    const definition = await kit.register([shell(untilAsked)]);
    const first = await run(definition, { clientToken: "once" });
    expect(await run(definition, { clientToken: "once" })).toBe(first);
    await expect(run(definition, { clientToken: "once", startedBy: "me" })).rejects.toMatchObject({
      name: "ConflictException",
    });
  });

  it("refuse what does not fit", async () => {
    const definition = await kit.register([shell("true")]);
    const cases: [object, string, RegExp][] = [
      [{ launchType: "FARGATE" }, "InvalidParameterException", /does not support launch_type FARGATE/],
      [{ cluster: "none" }, "ClusterNotFoundException", /Cluster not found/],
      [{ overrides: { containerOverrides: [{ name: "x" }] } }, "InvalidParameterException", /container named x/],
      [{ taskDefinition: "none" }, "ClientException", /TaskDefinition not found/],
      [{ count: 11 }, "InvalidParameterException", /between 1 and 10/],
    ];
    for (const [input, name, message] of cases) {
      await expect(kit.ecs.send(new RunTaskCommand({ taskDefinition: definition, ...input }))).rejects.toMatchObject({
        name,
        message: expect.stringMatching(message),
      });
    }
    await expect(
      kit.ecs.send(
        new TagResourceCommand({ resourceArn: "arn:aws:ecs:us-east-1:000000000000:task/default/none", tags: [] }),
      ),
    ).rejects.toMatchObject({ name: "InvalidParameterException" });
  });
});
