import {
  CreateServiceCommand,
  DeleteServiceCommand,
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  ListServiceDeploymentsCommand,
  ListServicesCommand,
  ListTasksCommand,
  StopServiceDeploymentCommand,
  StopTaskCommand,
  UpdateServiceCommand,
  UpdateTaskProtectionCommand,
} from "@aws-sdk/client-ecs";
import type { CreateServiceCommandInput, Service } from "@aws-sdk/client-ecs";
import { CloudWatchClient, PutMetricAlarmCommand, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";
import { ecsKit, shell, untilAsked } from "./ecs.test-kit.ts";
import type { Kit } from "./ecs.test-kit.ts";

describe("services", () => {
  let cloud: TestCloud;
  let kit: Kit;
  beforeEach(async () => {
    cloud = await startTestCloud();
    kit = ecsKit(cloud);
  });
  afterEach(() => cloud.stop());

  const create = (taskDefinition: string, more: Partial<CreateServiceCommandInput> = {}) =>
    kit.ecs.send(new CreateServiceCommand({ serviceName: "web", taskDefinition, desiredCount: 1, ...more }));
  const look = async (): Promise<Service> => {
    const { services = [] } = await kit.ecs.send(new DescribeServicesCommand({ services: ["web"] }));
    return services[0] ?? {};
  };
  /** The service, once it is as asked for; time goes on meanwhile. */
  const serviceThat = async (is: (service: Service) => boolean): Promise<Service> => {
    for (;;) {
      const service = await look();
      if (is(service)) return service;
      await cloud.clock.advance({ seconds: 1 });
    }
  };
  const steady = () =>
    serviceThat(
      ({ deployments = [], runningCount, desiredCount }) =>
        deployments.length === 1 && deployments[0]?.rolloutState === "COMPLETED" && runningCount === desiredCount,
    );
  const messages = ({ events = [] }: Service) => events.map(({ message = "" }) => message).toReversed();

  it("start as many tasks as are wanted, and tell when they are steady", async () => {
    await create(await kit.register([shell(untilAsked)]), { desiredCount: 2 });
    const service = await steady();
    expect(service).toMatchObject({ status: "ACTIVE", runningCount: 2, pendingCount: 0 });
    expect(service.deployments).toMatchObject([{ status: "PRIMARY", rolloutState: "COMPLETED", runningCount: 2 }]);
    expect(messages(service)).toEqual([
      expect.stringMatching(/^\(service web\) has started 2 tasks: \(task \w{32}\) \(task \w{32}\)\.$/),
      expect.stringMatching(/^\(service web\) \(deployment ecs-svc\/\d{19}\) deployment completed\.$/),
      "(service web) has reached a steady state.",
    ]);
  });

  it("replace a task that dies", async () => {
    await create(await kit.register([shell(untilAsked)]));
    await steady();
    const { taskArns: [first] = [] } = await kit.ecs.send(new ListTasksCommand({ serviceName: "web" }));
    await kit.ecs.send(new StopTaskCommand({ task: first }));
    await cloud.eventually(async () => {
      const { taskArns = [] } = await kit.ecs.send(new ListTasksCommand({ serviceName: "web" }));
      return taskArns.length === 1 && taskArns[0] !== first;
    });
    await steady();
  });

  it("roll to a new task definition, and leave none of the old tasks", async () => {
    await create(await kit.register([shell(untilAsked)]), { desiredCount: 2 });
    await steady();
    const second = await kit.register([shell(untilAsked, { environment: [{ name: "VERSION", value: "2" }] })]);
    const { service } = await kit.ecs.send(new UpdateServiceCommand({ service: "web", taskDefinition: second }));
    expect(service?.deployments).toHaveLength(2);
    const after = await steady();
    expect(after.taskDefinition).toBe(second);
    expect(after.deployments).toMatchObject([{ taskDefinition: second, runningCount: 2 }]);
    const { serviceDeployments = [] } = await kit.ecs.send(new ListServiceDeploymentsCommand({ service: "web" }));
    expect(serviceDeployments.map(({ status }) => status)).toEqual(["SUCCESSFUL", "SUCCESSFUL"]);
    const { serviceRevisions = [] } = await kit.ecs.send(
      new DescribeServiceRevisionsCommand({
        serviceRevisionArns: serviceDeployments.map(({ targetServiceRevisionArn: arn = "" }) => arn),
      }),
    );
    expect(serviceRevisions.map(({ taskDefinition }) => taskDefinition)).toContain(second);
  });

  it("go back to the last deployment that completed when the circuit breaker breaks", async () => {
    const breaker = { deploymentCircuitBreaker: { enable: true, rollback: true } };
    const good = await kit.register([shell(untilAsked)]);
    await create(good, { deploymentConfiguration: breaker });
    await steady();
    // One that cannot even start: a task that ends at once may be taken for well by a clock that is moved on meanwhile.
    const bad = await kit.register([shell("true", { image: "missing.example/none" })]);
    await kit.ecs.send(new UpdateServiceCommand({ service: "web", taskDefinition: bad }));
    const after = await serviceThat(
      ({ deployments = [], taskDefinition }) =>
        taskDefinition === good && deployments.length === 1 && deployments[0]?.rolloutState === "COMPLETED",
    );
    expect(after.runningCount).toBe(1);
    expect(messages(after)).toContainEqual(
      expect.stringMatching(/^\(service web\) \(deployment ecs-svc\/\d+\) deployment failed: tasks failed to start\.$/),
    );
    expect(messages(after)).toContainEqual(
      expect.stringMatching(/^\(service web\) rolling back to \(deployment ecs-svc\/\d+\)\.$/),
    );
    const { serviceDeployments = [] } = await kit.ecs.send(
      new ListServiceDeploymentsCommand({ service: "web", status: ["ROLLBACK_SUCCESSFUL"] }),
    );
    const { serviceDeployments: [told] = [] } = await kit.ecs.send(
      new DescribeServiceDeploymentsCommand({
        serviceDeploymentArns: serviceDeployments.map(({ serviceDeploymentArn: arn = "" }) => arn),
      }),
    );
    expect(told?.deploymentCircuitBreaker).toMatchObject({ status: "TRIGGERED", failureCount: 3, threshold: 3 });
  });

  it("stop to start tasks where a first deployment fails", async () => {
    await create(await kit.register([shell("true", { image: "missing.example/none" })]), {
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
    });
    const failed = await serviceThat(({ deployments = [] }) => deployments[0]?.rolloutState === "FAILED");
    expect(failed.deployments?.[0]?.rolloutStateReason).toBe("ECS deployment circuit breaker: tasks failed to start.");
  });

  it("wait longer and longer where tasks fail to start, and say so", async () => {
    await create(await kit.register([shell("true", { image: "missing.example/none" })]));
    const service = await serviceThat(({ deployments = [] }) => (deployments[0]?.failedTasks ?? 0) >= 5);
    expect(messages(service)).toContainEqual(
      expect.stringMatching(/^\(service web\) is unable to consistently start tasks successfully\./),
    );
  });

  it("go back when an alarm of the deployment rings", async () => {
    const cloudwatch = cloud.client(CloudWatchClient);
    const AlarmName = "failing";
    await cloudwatch.send(
      new PutMetricAlarmCommand({
        AlarmName,
        Namespace: "App",
        MetricName: "Errors",
        Statistic: "Sum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 0,
        ComparisonOperator: "GreaterThanThreshold",
        TreatMissingData: "notBreaching",
      }),
    );
    const good = await kit.register([shell(untilAsked)]);
    const alarms = { alarmNames: [AlarmName], enable: true, rollback: true };
    await create(good, { deploymentConfiguration: { alarms } });
    await steady();
    const bad = await kit.register([shell(untilAsked, { environment: [{ name: "VERSION", value: "bad" }] })]);
    await kit.ecs.send(new UpdateServiceCommand({ service: "web", taskDefinition: bad }));
    await cloud.clock.advance({ seconds: 1 });
    await cloudwatch.send(
      new PutMetricDataCommand({ Namespace: "App", MetricData: [{ MetricName: "Errors", Value: 1 }] }),
    );
    const after = await serviceThat(
      ({ deployments = [], taskDefinition }) =>
        taskDefinition === good && deployments.length === 1 && deployments[0]?.rolloutState === "COMPLETED",
    );
    expect(messages(after)).toContainEqual(expect.stringMatching(/deployment failed: alarm detected\.$/));
  });

  it("scale in by stopping the tasks that are not protected", async () => {
    await create(await kit.register([shell(untilAsked)]), { desiredCount: 2 });
    await steady();
    const { taskArns = [] } = await kit.ecs.send(new ListTasksCommand({ serviceName: "web" }));
    const [kept = ""] = taskArns.toSorted().toReversed();
    await kit.ecs.send(new UpdateTaskProtectionCommand({ cluster: "default", tasks: [kept], protectionEnabled: true }));
    await kit.ecs.send(new UpdateServiceCommand({ service: "web", desiredCount: 1 }));
    await steady();
    const { taskArns: left } = await kit.ecs.send(new ListTasksCommand({ serviceName: "web" }));
    expect(left).toEqual([kept]);
    const { taskArns: [gone] = [] } = await kit.ecs.send(
      new ListTasksCommand({ serviceName: "web", desiredStatus: "STOPPED" }),
    );
    expect(await kit.inStatus(gone, "STOPPED")).toMatchObject({
      stopCode: "ServiceSchedulerInitiated",
      stoppedReason: expect.stringMatching(/^Scaling activity initiated by \(deployment ecs-svc\/\d+\)$/),
    });
  });

  it("go back when a deployment is stopped by its user", async () => {
    const good = await kit.register([shell(untilAsked)]);
    await create(good);
    await steady();
    await kit.ecs.send(new UpdateServiceCommand({ service: "web", taskDefinition: good, forceNewDeployment: true }));
    const { serviceDeployments: [latest] = [] } = await kit.ecs.send(
      new ListServiceDeploymentsCommand({ service: "web", status: ["IN_PROGRESS"] }),
    );
    const arn = latest?.serviceDeploymentArn;
    await kit.ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn: arn }));
    await steady();
    const { serviceDeployments: [told] = [] } = await kit.ecs.send(
      new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn ?? ""] }),
    );
    expect(told).toMatchObject({ status: "ROLLBACK_SUCCESSFUL" });
  });

  it("are deleted with their tasks when that is forced, and can be made anew", async () => {
    const definition = await kit.register([shell(untilAsked)]);
    await create(definition);
    await steady();
    await expect(kit.ecs.send(new DeleteServiceCommand({ service: "web" }))).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: "The service cannot be stopped while it is scaled above 0.",
    });
    await kit.ecs.send(new DeleteServiceCommand({ service: "web", force: true }));
    await cloud.eventually(async () => (await look()).status === "INACTIVE");
    expect(await kit.ecs.send(new ListServicesCommand({}))).toMatchObject({ serviceArns: [] });
    await create(definition);
    await steady();
  });

  it("refuse what Trysail does not do, and what does not fit", async () => {
    const definition = await kit.register([shell("true")]);
    const cases: [Partial<CreateServiceCommandInput>, string, RegExp][] = [
      [{ schedulingStrategy: "DAEMON" }, "InvalidParameterException", /DAEMON/],
      [{ deploymentController: { type: "CODE_DEPLOY" } }, "UnsupportedFeatureException", /CODE_DEPLOY/],
      [{ deploymentConfiguration: { strategy: "BLUE_GREEN" } }, "UnsupportedFeatureException", /BLUE_GREEN/],
      [
        { deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 100 } },
        "InvalidParameterException",
        /cannot be 100 as this will block deployments/,
      ],
      [{ serviceRegistries: [{ registryArn: "x" }] }, "InvalidParameterException", /service discovery/],
      [
        { loadBalancers: [{ targetGroupArn: "x", containerName: "none", containerPort: 1 }] },
        "InvalidParameterException",
        /The container none does not exist in the task definition/,
      ],
    ];
    for (const [input, name, message] of cases)
      await expect(create(definition, input)).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
  });
});
