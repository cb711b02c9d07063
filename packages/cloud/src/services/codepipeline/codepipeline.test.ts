import {
  AcknowledgeJobCommand,
  CreateCustomActionTypeCommand,
  DeletePipelineCommand,
  DisableStageTransitionCommand,
  EnableStageTransitionCommand,
  GetPipelineCommand,
  GetPipelineExecutionCommand,
  GetPipelineStateCommand,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
  ListPipelinesCommand,
  ListRuleExecutionsCommand,
  ListTagsForResourceCommand,
  PollForJobsCommand,
  PutApprovalResultCommand,
  PutJobFailureResultCommand,
  PutJobSuccessResultCommand,
  RetryStageExecutionCommand,
  RollbackStageCommand,
  StartPipelineExecutionCommand,
  StopPipelineExecutionCommand,
  TagResourceCommand,
  UpdatePipelineCommand,
} from "@aws-sdk/client-codepipeline";
import type { StageDeclaration } from "@aws-sdk/client-codepipeline";
import {
  CloudWatchClient,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { measured } from "../../testing/metrics.test-kit.ts";
import { startSubscriber } from "../sns/subscriber.test-kit.ts";
import { approve, deploy, source, startPipelineWorld } from "./pipelines.test-kit.ts";
import type { PipelineWorld } from "./pipelines.test-kit.ts";

let world: PipelineWorld;
beforeAll(async () => {
  world = await startPipelineWorld();
  await world.upload({ "index.html": "<h1>one</h1>", "assets/app.js": "1" });
});
afterAll(() => world.cloud.stop());

const sourceStage = { name: "Source", actions: [source] };
const approveStage = { name: "Gate", actions: [approve] };

describe("a pipeline from a bucket to a website", () => {
  it("runs when it is created, and again when the object is written", async () => {
    await world.create("site", [sourceStage, { name: "Ship", actions: [deploy] }]);
    expect(await world.ended("site", await world.latest("site"))).toBe("Succeeded");
    expect(await world.read("site", "index.html")).toEqual({ text: "<h1>one</h1>", type: "text/html" });
    expect(await world.read("site", "assets/app.js")).toEqual({ text: "1", type: "application/javascript" });

    const first = await world.latest("site");
    const version = await world.upload({ "index.html": "<h1>two</h1>" });
    const second = await world.cloud.eventually(async () => {
      const latest = await world.latest("site");
      return latest !== first && latest;
    });
    expect(await world.ended("site", second)).toBe("Succeeded");
    expect((await world.read("site", "index.html")).text).toBe("<h1>two</h1>");

    const { pipelineExecution } = await world.pipelines.send(
      new GetPipelineExecutionCommand({ pipelineName: "site", pipelineExecutionId: second }),
    );
    expect(pipelineExecution).toMatchObject({
      trigger: { triggerType: "PollForSourceChanges", triggerDetail: "Pull" },
      artifactRevisions: [{ name: "Code", revisionId: version, created: expect.any(Date) as Date }],
    });
    const { actionExecutionDetails = [] } = await world.pipelines.send(
      new ListActionExecutionsCommand({ pipelineName: "site", filter: { pipelineExecutionId: second } }),
    );
    expect(actionExecutionDetails.map(({ actionName, status }) => [actionName, status])).toEqual([
      ["Deploy", "Succeeded"],
      ["Pull", "Succeeded"],
    ]);
    expect(actionExecutionDetails[0]?.input?.inputArtifacts).toEqual([
      { name: "Code", s3location: { bucket: "store", key: expect.stringMatching(/^site\/Code\/\w{7}$/) as string } },
    ]);
    expect(actionExecutionDetails[1]?.output?.outputVariables).toMatchObject({
      BucketName: "code",
      VersionId: version,
    });
    const { pipelineExecutionSummaries = [] } = await world.pipelines.send(
      new ListPipelineExecutionsCommand({ pipelineName: "site", maxResults: 1 }),
    );
    expect(pipelineExecutionSummaries).toMatchObject([
      { pipelineExecutionId: second, sourceRevisions: [{ actionName: "Pull", revisionId: version }] },
    ]);
  });

  it("tells where it fails and why, and goes on from there when it is retried", async () => {
    await world.create("broken", [
      sourceStage,
      { name: "Ship", actions: [{ ...deploy, configuration: { BucketName: "not-there-yet", Extract: "true" } }] },
    ]);
    const execution = await world.latest("broken");
    expect(await world.ended("broken", execution)).toBe("Failed");
    expect((await world.action("broken", "Deploy"))?.errorDetails).toEqual({
      code: "NoSuchBucket",
      message: "The specified bucket does not exist",
    });
    const retry = {
      pipelineName: "broken",
      stageName: "Ship",
      pipelineExecutionId: execution,
      retryMode: "FAILED_ACTIONS",
    } as const;
    await world.pipelines.send(new RetryStageExecutionCommand(retry));
    expect(await world.ended("broken", execution)).toBe("Failed");
    const { stageStates = [] } = await world.pipelines.send(new GetPipelineStateCommand({ name: "broken" }));
    expect(stageStates[1]?.retryStageMetadata).toEqual({
      autoStageRetryAttempt: 0,
      manualStageRetryAttempt: 1,
      latestRetryTrigger: "ManualStageRetry",
    });
    const of = (name: string, statistic: "Sum" | "SampleCount") =>
      measured(world.cloud, `AWS/CodePipeline/${name}`, { PipelineName: "broken" }, statistic);
    expect(await of("FailedPipelineExecutions", "Sum")).toBe(2);
    expect(await of("PipelineDuration", "SampleCount")).toBe(2);
  });
});

describe("approvals", () => {
  const answer = async (name: string, status: "Approved" | "Rejected", token?: string) =>
    world.pipelines.send(
      new PutApprovalResultCommand({
        pipelineName: name,
        stageName: "Gate",
        actionName: "Approve",
        token: token ?? (await world.until(name, "Approve", "InProgress")).token,
        result: { status, summary: "because" },
      }),
    );
  const waiting = (name: string) => world.cloud.eventually(async () => (await world.action(name, "Approve"))?.token);

  it("go on when approved, with the token, once", async () => {
    await world.create("approved", [sourceStage, approveStage]);
    const token = await waiting("approved");
    await expect(answer("approved", "Approved", "00000000-0000-0000-0000-000000000000")).rejects.toMatchObject({
      name: "InvalidApprovalTokenException",
    });
    await answer("approved", "Approved", token);
    expect(await world.ended("approved", await world.latest("approved"))).toBe("Succeeded");
    await expect(answer("approved", "Approved", token)).rejects.toMatchObject({
      name: "ApprovalAlreadyCompletedException",
    });
  });

  it("tell a topic what waits, and with which token it is approved", async () => {
    const sns = world.cloud.client(SNSClient);
    const inbox = await startSubscriber();
    try {
      const { TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name: "approvals" }));
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: "http", Endpoint: inbox.url }));
      const [asked] = await world.cloud.eventually(() => inbox.received.length > 0 && inbox.received);
      await fetch(asked?.json["SubscribeURL"] ?? "");
      const configuration = {
        NotificationArn: TopicArn,
        CustomData: "Please look",
        ExternalEntityLink: "http://example.com/change",
      };
      await world.create("told", [sourceStage, { name: "Gate", actions: [{ ...approve, configuration }] }]);
      const [, told] = await world.cloud.eventually(() => inbox.received.length > 1 && inbox.received);
      expect(told?.json["Subject"]).toBe("APPROVAL NEEDED: AWS CodePipeline told for action Approve");
      const message = JSON.parse(told?.json["Message"] ?? "{}") as { approval: { token: string; expires: string } };
      expect(message).toMatchObject({
        region: "us-east-1",
        approval: {
          pipelineName: "told",
          stageName: "Gate",
          actionName: "Approve",
          externalEntityLink: "http://example.com/change",
          customData: "Please look",
        },
      });
      const week = new Date(message.approval.expires).getTime() - world.cloud.clock.now();
      expect(week).toBeGreaterThan(6.9 * 24 * 3_600_000);
      await answer("told", "Approved", message.approval.token);
      expect(await world.ended("told", await world.latest("told"))).toBe("Succeeded");
      expect(inbox.received).toHaveLength(2);
    } finally {
      await inbox.close();
    }
  });

  it("fail when rejected, and when nobody answers for seven days", async () => {
    await world.create("rejected", [sourceStage, approveStage]);
    await waiting("rejected");
    await answer("rejected", "Rejected");
    expect((await world.until("rejected", "Approve", "Failed")).errorDetails?.message).toBe(
      "The approval was rejected: because",
    );

    await world.create("forgotten", [sourceStage, approveStage]);
    await waiting("forgotten");
    await world.cloud.clock.advance({ days: 6, hours: 23 });
    expect((await world.action("forgotten", "Approve"))?.status).toBe("InProgress");
    await world.cloud.clock.advance({ hours: 2 });
    expect((await world.action("forgotten", "Approve"))?.errorDetails).toEqual({
      code: "TimeoutError",
      message: "The action did not complete within 10080 minutes.",
    });
  });

  it("are still waited for after a restart", async () => {
    await world.create("restarted", [sourceStage, approveStage]);
    const token = await waiting("restarted");
    await world.cloud.restart();
    world.connect();
    await answer("restarted", "Approved", token);
    expect(await world.ended("restarted", await world.latest("restarted"))).toBe("Succeeded");
  });

  it("end with the execution that is stopped", async () => {
    await world.create("stopped", [sourceStage, approveStage]);
    await waiting("stopped");
    const stop = { pipelineName: "stopped", pipelineExecutionId: await world.latest("stopped"), reason: "enough" };
    await world.pipelines.send(new StopPipelineExecutionCommand(stop));
    await expect(world.pipelines.send(new StopPipelineExecutionCommand(stop))).rejects.toMatchObject({
      name: "DuplicatedStopRequestException",
    });
    await world.pipelines.send(new StopPipelineExecutionCommand({ ...stop, abandon: true }));
    expect(await world.ended("stopped", stop.pipelineExecutionId)).toBe("Stopped");
    expect(await world.action("stopped", "Approve")).toMatchObject({ status: "Abandoned" });
  });
});

describe("variables, conditions and overrides", () => {
  it("resolves variables, and starts with those that are given", async () => {
    const gate = {
      name: "Gate",
      actions: [
        {
          ...approve,
          configuration: {
            CustomData: "#{variables.Who} ships #{Src.VersionId} in #{codepipeline.PipelineExecutionId}",
          },
        },
      ],
    };
    await world.create("variables", [sourceStage, gate], { variables: [{ name: "Who" }], executionMode: "QUEUED" });
    await expect(world.pipelines.send(new StartPipelineExecutionCommand({ name: "variables" }))).rejects.toMatchObject({
      name: "ValidationException",
    });
    const old = await world.upload({ "index.html": "old" }, "other.zip");
    const start = new StartPipelineExecutionCommand({
      name: "variables",
      variables: [{ name: "Who", value: "Ada" }],
      clientRequestToken: "once",
    });
    const { pipelineExecutionId: id } = await world.pipelines.send(start);
    expect((await world.pipelines.send(start)).pipelineExecutionId).toBe(id);
    expect(old).toBeDefined();
    const failed = await world.cloud.eventually(async () => {
      const { pipelineExecutionSummaries = [] } = await world.pipelines.send(
        new ListPipelineExecutionsCommand({ pipelineName: "variables" }),
      );
      return pipelineExecutionSummaries.find(({ status }) => status === "Failed");
    });
    expect(failed.trigger?.triggerType).toBe("CreatePipeline");
    await world.until("variables", "Approve", "InProgress");
    const { actionExecutionDetails = [] } = await world.pipelines.send(
      new ListActionExecutionsCommand({ pipelineName: "variables", filter: { pipelineExecutionId: id } }),
    );
    const [approval, pull] = actionExecutionDetails;
    expect(approval?.input?.resolvedConfiguration?.["CustomData"]).toBe(
      `Ada ships ${pull?.output?.outputVariables?.["VersionId"]} in ${id}`,
    );
  });

  it("skips a stage whose entry condition is not met", async () => {
    const rule = {
      name: "OnlyMain",
      ruleTypeId: { category: "Rule", owner: "AWS", provider: "VariableCheck", version: "1" },
      configuration: { Variable: "#{Src.BucketName}", Operator: "EQ", Value: "another" },
    } as const;
    await world.create("guarded", [
      sourceStage,
      { ...approveStage, beforeEntry: { conditions: [{ result: "SKIP", rules: [rule] }] } },
      { name: "Ship", actions: [deploy] },
    ]);
    expect(await world.ended("guarded", await world.latest("guarded"))).toBe("Succeeded");
    const { stageStates = [] } = await world.pipelines.send(new GetPipelineStateCommand({ name: "guarded" }));
    expect(stageStates[1]).toMatchObject({
      latestExecution: { status: "Skipped" },
      beforeEntryConditionState: {
        latestExecution: { status: "Failed" },
        conditionStates: [{ ruleStates: [{ ruleName: "OnlyMain", latestExecution: { status: "Failed" } }] }],
      },
    });
    const { ruleExecutionDetails = [] } = await world.pipelines.send(
      new ListRuleExecutionsCommand({ pipelineName: "guarded" }),
    );
    expect(ruleExecutionDetails).toMatchObject([
      {
        ruleName: "OnlyMain",
        status: "Failed",
        output: { executionResult: { errorDetails: { message: "'code' EQ 'another' is false" } } },
      },
    ]);
  });

  const alarmOn = (AlarmName: string, MetricName: string) =>
    world.cloud.client(CloudWatchClient).send(
      new PutMetricAlarmCommand({
        AlarmName,
        Namespace: "App",
        MetricName,
        Statistic: "Sum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 0,
        ComparisonOperator: "GreaterThanThreshold",
        TreatMissingData: "notBreaching",
      }),
    );
  const quiet = (AlarmName: string) =>
    ({
      name: "Quiet",
      ruleTypeId: { category: "Rule", owner: "AWS", provider: "CloudWatchAlarm", version: "1" },
      configuration: { AlarmName, WaitTime: "5" },
    }) as const;

  it("fails a stage whose success is watched as soon as its alarm rings", async () => {
    const AlarmName = "ringing";
    await alarmOn(AlarmName, "Rings");
    const ship: StageDeclaration = {
      name: "Ship",
      actions: [deploy],
      onSuccess: { conditions: [{ result: "FAIL", rules: [quiet(AlarmName)] }] },
    };
    await world.create("alarmed", [sourceStage, ship]);
    const execution = await world.latest("alarmed");
    await world.until("alarmed", "Deploy", "Succeeded");
    const ruleOf = async () =>
      (await world.pipelines.send(new ListRuleExecutionsCommand({ pipelineName: "alarmed" })))
        .ruleExecutionDetails?.[0];
    await world.cloud.eventually(async () => (await ruleOf())?.status === "InProgress");
    const ring = { AlarmName, StateValue: "ALARM", StateReason: "as the test wants" } as const;
    await world.cloud.client(CloudWatchClient).send(new SetAlarmStateCommand(ring));
    // At once: no time passes here.
    expect(await world.ended("alarmed", execution)).toBe("Failed");
    const { stageStates = [] } = await world.pipelines.send(new GetPipelineStateCommand({ name: "alarmed" }));
    expect(stageStates[1]?.latestExecution?.status).toBe("Failed");
    expect(await ruleOf()).toMatchObject({
      status: "Failed",
      output: { executionResult: { errorDetails: { message: "The CloudWatch alarm ringing is in the state ALARM." } } },
    });
  });

  it("rolls a stage back when an alarm rings while its success is watched", async () => {
    const cloudwatch = world.cloud.client(CloudWatchClient);
    const AlarmName = "failing";
    await alarmOn(AlarmName, "Errors");
    const rule = quiet(AlarmName);
    const ship: StageDeclaration = {
      name: "Ship",
      actions: [deploy],
      onSuccess: { conditions: [{ result: "ROLLBACK", rules: [rule] }] },
    };
    await world.create("watched", [sourceStage, ship]);
    const first = await world.latest("watched");
    await world.until("watched", "Deploy", "Succeeded");
    await world.cloud.clock.advance({ minutes: 5 });
    expect(await world.ended("watched", first)).toBe("Succeeded");
    const good = (await world.read("site", "index.html")).text;

    await world.upload({ "index.html": "<h1>bad</h1>" });
    await world.cloud.eventually(async () => (await world.read("site", "index.html")).text === "<h1>bad</h1>");
    await cloudwatch.send(
      new PutMetricDataCommand({ Namespace: "App", MetricData: [{ MetricName: "Errors", Value: 1 }] }),
    );
    await world.cloud.eventually(async () => (await world.read("site", "index.html")).text === good);
  });

  it("takes the version that it is told to, and rolls back to it", async () => {
    const old = await world.upload({ "page.html": "old" });
    await world.upload({ "page.html": "new" });
    await world.create("versions", [sourceStage, { name: "Ship", actions: [deploy] }]);
    const newest = await world.latest("versions");
    expect(await world.ended("versions", newest)).toBe("Succeeded");
    const { pipelineExecutionId: id } = await world.pipelines.send(
      new StartPipelineExecutionCommand({
        name: "versions",
        sourceRevisions: [{ actionName: "Pull", revisionType: "S3_OBJECT_VERSION_ID", revisionValue: old }],
      }),
    );
    expect(await world.ended("versions", id)).toBe("Succeeded");
    expect((await world.read("site", "page.html")).text).toBe("old");
    const { pipelineExecutionId: rollback } = await world.pipelines.send(
      new RollbackStageCommand({ pipelineName: "versions", stageName: "Ship", targetPipelineExecutionId: newest }),
    );
    expect(await world.ended("versions", rollback)).toBe("Succeeded");
    expect((await world.read("site", "page.html")).text).toBe("new");
  });

  it("waits at a disabled transition", async () => {
    await world.create("closed", [sourceStage, approveStage]);
    await world.cloud.eventually(async () => (await world.action("closed", "Approve"))?.token);
    const transition = { pipelineName: "closed", stageName: "Gate", transitionType: "Inbound" } as const;
    await world.pipelines.send(new DisableStageTransitionCommand({ ...transition, reason: "freeze" }));
    await world.pipelines.send(
      new StopPipelineExecutionCommand({
        pipelineName: "closed",
        pipelineExecutionId: await world.latest("closed"),
        abandon: true,
      }),
    );
    const { pipelineExecutionId: id } = await world.pipelines.send(
      new StartPipelineExecutionCommand({ name: "closed" }),
    );
    const inbound = await world.cloud.eventually(async () => {
      const { stageStates = [] } = await world.pipelines.send(new GetPipelineStateCommand({ name: "closed" }));
      return stageStates[1]?.inboundExecution && stageStates[1];
    });
    expect(inbound).toMatchObject({
      inboundExecution: { pipelineExecutionId: id },
      inboundTransitionState: { enabled: false, disabledReason: "freeze" },
    });
    await world.pipelines.send(new EnableStageTransitionCommand(transition));
    await world.until("closed", "Approve", "InProgress");
  });
});

describe("custom actions", () => {
  const type = { category: "Deploy", owner: "Custom", provider: "Rollout", version: "1" } as const;

  it("are jobs: polled, acknowledged once, continued, and ended by their worker", async () => {
    await world.pipelines.send(
      new CreateCustomActionTypeCommand({
        category: "Deploy",
        provider: "Rollout",
        version: "1",
        configurationProperties: [{ name: "Fleet", required: true, key: true, secret: false, queryable: true }],
        inputArtifactDetails: { minimumCount: 0, maximumCount: 1 },
        outputArtifactDetails: { minimumCount: 0, maximumCount: 0 },
      }),
    );
    const roll = {
      name: "Roll",
      actionTypeId: type,
      configuration: { Fleet: "blue" },
      inputArtifacts: [{ name: "Code" }],
      namespace: "Roll",
    };
    const check = { ...approve, runOrder: 2, configuration: { CustomData: "#{Roll.Done}" } };
    await world.create("custom", [sourceStage, { name: "Ship", actions: [roll, check] }]);
    const poll = async (Fleet: string) =>
      (await world.pipelines.send(new PollForJobsCommand({ actionTypeId: type, queryParam: { Fleet } }))).jobs ?? [];
    const take = async () => {
      const [job] = await world.cloud.eventually(async () => {
        const jobs = await poll("blue");
        return jobs.length > 0 && jobs;
      });
      return job;
    };
    const first = await take();
    expect(await poll("blue")).toEqual([]);
    expect(first?.data).toMatchObject({
      actionConfiguration: { configuration: { Fleet: "blue" } },
      pipelineContext: { pipelineName: "custom", stage: { name: "Ship" }, action: { name: "Roll" } },
      inputArtifacts: [{ name: "Code", location: { type: "S3", s3Location: { bucketName: "store" } } }],
    });
    const jobId = first?.id;
    await expect(world.pipelines.send(new AcknowledgeJobCommand({ jobId, nonce: "other" }))).rejects.toMatchObject({
      name: "InvalidNonceException",
    });
    await expect(world.pipelines.send(new PutJobSuccessResultCommand({ jobId }))).rejects.toMatchObject({
      name: "InvalidJobStateException",
    });
    expect((await world.pipelines.send(new AcknowledgeJobCommand({ jobId, nonce: first?.nonce }))).status).toBe(
      "InProgress",
    );
    await world.pipelines.send(
      new PutJobSuccessResultCommand({
        jobId,
        continuationToken: "half",
        executionDetails: { percentComplete: 50, summary: "half way" },
      }),
    );
    expect(await world.action("custom", "Roll")).toMatchObject({
      status: "InProgress",
      percentComplete: 50,
      summary: "half way",
    });

    const second = await take();
    expect(second?.data?.continuationToken).toBe("half");
    await world.pipelines.send(new AcknowledgeJobCommand({ jobId: second?.id, nonce: second?.nonce }));
    await world.pipelines.send(new PutJobSuccessResultCommand({ jobId: second?.id, outputVariables: { Done: "yes" } }));
    await world.until("custom", "Approve", "InProgress");
  });

  it("are offered again when nobody acknowledges them, fail when told so, and time out after a day", async () => {
    const roll = { name: "Roll", actionTypeId: type, configuration: { Fleet: "green" } };
    await world.create("custom-fails", [sourceStage, { name: "Ship", actions: [roll] }]);
    const take = () =>
      world.cloud.eventually(
        async () =>
          (await world.pipelines.send(new PollForJobsCommand({ actionTypeId: type, queryParam: { Fleet: "green" } })))
            .jobs?.[0],
      );
    const lost = await take();
    await world.cloud.clock.advance({ minutes: 1 });
    const job = await take();
    expect(job.id).toBe(lost.id);
    await expect(
      world.pipelines.send(new AcknowledgeJobCommand({ jobId: lost.id, nonce: lost.nonce })),
    ).rejects.toMatchObject({ name: "InvalidNonceException" });
    await world.pipelines.send(new AcknowledgeJobCommand({ jobId: job.id, nonce: job.nonce }));
    await world.pipelines.send(
      new PutJobFailureResultCommand({ jobId: job.id, failureDetails: { type: "JobFailed", message: "unhealthy" } }),
    );
    expect((await world.until("custom-fails", "Roll", "Failed")).errorDetails).toEqual({
      code: "JobFailed",
      message: "unhealthy",
    });

    const retry = {
      pipelineName: "custom-fails",
      stageName: "Ship",
      pipelineExecutionId: await world.latest("custom-fails"),
      retryMode: "FAILED_ACTIONS",
    } as const;
    await world.pipelines.send(new RetryStageExecutionCommand(retry));
    await take();
    await world.cloud.clock.advance({ days: 1 });
    expect((await world.action("custom-fails", "Roll"))?.errorDetails?.code).toBe("TimeoutError");
  });
});

describe("definitions", () => {
  it("have versions; a new one cancels what runs", async () => {
    await world.create("versioned", [sourceStage, approveStage]);
    await world.cloud.eventually(async () => (await world.action("versioned", "Approve"))?.token);
    const execution = await world.latest("versioned");
    const { pipeline } = await world.pipelines.send(new GetPipelineCommand({ name: "versioned" }));
    const { pipeline: updated } = await world.pipelines.send(
      new UpdatePipelineCommand({ pipeline: pipeline && { ...pipeline, executionMode: "QUEUED" } }),
    );
    expect(updated).toEqual({ ...pipeline, executionMode: "QUEUED", version: 2 });
    expect(await world.ended("versioned", execution)).toBe("Cancelled");
    expect((await world.pipelines.send(new GetPipelineCommand({ name: "versioned", version: 1 }))).pipeline).toEqual(
      pipeline,
    );
    await expect(world.pipelines.send(new GetPipelineCommand({ name: "versioned", version: 3 }))).rejects.toMatchObject(
      { name: "PipelineVersionNotFoundException" },
    );
  });

  it("never show a secret, and keep it when it is given back masked", async () => {
    // One that was not added would be looked for at GitHub.
    const body = JSON.stringify({ name: "acme/empty" });
    await fetch(`${world.cloud.endpoint}/_trysail/repositories`, { method: "POST", body });
    const gitHub = {
      name: "Pull",
      actionTypeId: { category: "Source", owner: "ThirdParty", provider: "GitHub", version: "1" },
      configuration: { Owner: "acme", Repo: "empty", Branch: "main", OAuthToken: "very-secret" },
      outputArtifacts: [{ name: "Code" }],
    } as const;
    const actions = [{ ...gitHub, outputArtifacts: [...gitHub.outputArtifacts] }];
    await world.create("secretive", [{ name: "Source", actions }, approveStage]);
    const { pipeline } = await world.pipelines.send(new GetPipelineCommand({ name: "secretive" }));
    await world.pipelines.send(new UpdatePipelineCommand({ pipeline }));
    const told = await world.pipelines.send(new GetPipelineCommand({ name: "secretive" }));
    expect(told.pipeline?.stages?.[0]?.actions?.[0]?.configuration?.["OAuthToken"]).toBe("****");
  });

  it("are tagged, listed by pages and deleted for good", async () => {
    await world.create("short-lived", [sourceStage, approveStage]);
    const { metadata } = await world.pipelines.send(new GetPipelineCommand({ name: "short-lived" }));
    const resourceArn = metadata?.pipelineArn;
    expect(resourceArn).toBe("arn:aws:codepipeline:us-east-1:000000000000:short-lived");
    await world.pipelines.send(new TagResourceCommand({ resourceArn, tags: [{ key: "team", value: "a" }] }));
    expect((await world.pipelines.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual([
      { key: "team", value: "a" },
    ]);
    const names: (string | undefined)[] = [];
    for (let nextToken: string | undefined, first = true; first || nextToken !== undefined; first = false) {
      const page = await world.pipelines.send(new ListPipelinesCommand({ maxResults: 3, nextToken }));
      names.push(...(page.pipelines ?? []).map(({ name }) => name));
      nextToken = page.nextToken;
    }
    expect(names).toContain("short-lived");
    expect(names).toEqual(names.toSorted());
    await world.pipelines.send(new DeletePipelineCommand({ name: "short-lived" }));
    await expect(world.pipelines.send(new GetPipelineCommand({ name: "short-lived" }))).rejects.toMatchObject({
      name: "PipelineNotFoundException",
    });
    await world.create("short-lived", [sourceStage, approveStage]);
    const { pipelineExecutionSummaries = [] } = await world.pipelines.send(
      new ListPipelineExecutionsCommand({ pipelineName: "short-lived" }),
    );
    expect(pipelineExecutionSummaries).toHaveLength(1);
  });
});
