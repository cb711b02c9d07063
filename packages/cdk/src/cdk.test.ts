import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { Artifact, Pipeline } from "aws-cdk-lib/aws-codepipeline";
import { S3SourceAction } from "aws-cdk-lib/aws-codepipeline-actions";
import { Vpc } from "aws-cdk-lib/aws-ec2";
import { Repository } from "aws-cdk-lib/aws-ecr";
import { Cluster, ContainerImage } from "aws-cdk-lib/aws-ecs";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { afterAll, describe, expect, it } from "vitest";
import { Fleet, readSpec, RolloutAction, RolloutActionType, RolloutWorker, type RolloutDocument } from "./index.ts";

/** Of what apps write at synthesis. */
const folder = mkdtempSync(join(tmpdir(), "trysail-cdk-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const spec: RolloutDocument = { application: "playback", waves: [["us-west-2"], ["eu-west-1"]] };

function pipelineWith(action: (build: Artifact) => RolloutAction): Template {
  const stack = new Stack(new App({ outdir: mkdtempSync(join(folder, "app-")) }), "Stack");
  const build = new Artifact("Build");
  const bucket = new Bucket(stack, "Source", { versioned: true });
  const pipeline = new Pipeline(stack, "Pipeline", {
    stages: [
      {
        stageName: "Source",
        actions: [new S3SourceAction({ actionName: "S3", bucket, bucketKey: "app.zip", output: build })],
      },
      { stageName: "Rollout", actions: [action(build)] },
    ],
  });
  pipeline.node.addDependency(new RolloutActionType(stack, "Type"));
  return Template.fromStack(stack);
}

describe("a fleet", () => {
  it("is all that a region needs, and tells a worker how server groups are made; it makes none", () => {
    const stack = new Stack(new App({ outdir: mkdtempSync(join(folder, "app-")) }), "Stack");
    const fleet = new Fleet(stack, "Fleet", {
      application: "playback",
      stack: "prod",
      vpc: new Vpc(stack, "Vpc"),
      start: ["npm ci", "node server.mjs"],
    });
    expect(fleet.cluster).toBe("playback-prod");
    const template = Template.fromStack(stack);
    template.resourceCountIs("AWS::AutoScaling::AutoScalingGroup", 0);
    template.hasResourceProperties("AWS::SSM::Parameter", {
      Name: "/trysail/fleets/playback-prod",
      Value: Match.objectLike({ "Fn::Join": ["", Match.arrayWith([Match.stringLikeRegexp('"kind":"auto-scaling"')])] }),
    });
    template.hasResourceProperties("AWS::EC2::LaunchTemplate", {
      LaunchTemplateData: {
        MetadataOptions: { HttpTokens: "required" },
        UserData: { "Fn::Base64": Match.stringLikeRegexp("^#!/bin/bash[^]*npm ci\nexec node server.mjs\n$") },
      },
    });
  });

  it("may have its listener at a load balancer that is there, beside another fleet's", () => {
    const stack = new Stack(new App({ outdir: mkdtempSync(join(folder, "app-")) }), "Stack");
    const vpc = new Vpc(stack, "Vpc");
    const playback = new Fleet(stack, "Playback", { application: "playback", vpc, start: ["node server.mjs"] });
    const { loadBalancer } = playback;
    const search = new Fleet(stack, "Search", {
      application: "search",
      vpc,
      start: ["node server.mjs"],
      loadBalancer,
      listenerPort: 8081,
    });
    const template = Template.fromStack(stack);
    template.resourceCountIs("AWS::ElasticLoadBalancingV2::LoadBalancer", 1);
    for (const [cluster, port] of Object.entries({ playback: 80, search: 8081 }))
      template.hasResourceProperties("AWS::ElasticLoadBalancingV2::Listener", {
        LoadBalancerArn: stack.resolve(loadBalancer.loadBalancerArn),
        Port: port,
        Protocol: "HTTP",
        Tags: [{ Key: "trysail:cluster", Value: cluster }],
      });
    expect(stack.resolve([playback.url, search.url])).toEqual(
      ["", ":8081"].map((end) => ({
        "Fn::Join": [
          "",
          [
            "http://",
            ...(stack.resolve([playback.loadBalancer.loadBalancerDnsName]) as object[]),
            ...(end === "" ? [] : [end]),
          ],
        ],
      })),
    );
  });
});

describe("a fleet of ECS", () => {
  /** The parameter's JSON, with what only a deployment knows named by its logical id. */
  const documentIn = (template: Template) => {
    const [parameter] = Object.values(template.findResources("AWS::SSM::Parameter"));
    const [, parts] = parameter!["Properties"].Value["Fn::Join"] as [string, (string | object)[]];
    const text = parts.map((part) =>
      typeof part === "string" ? part : (/"(\w+)[",\]}]*$/.exec(JSON.stringify(part))?.[1] ?? ""),
    );
    return JSON.parse(text.join("")) as object;
  };

  it("has a task definition and a target group for addresses, and takes traffic by weight; it makes no service", () => {
    const stack = new Stack(new App({ outdir: mkdtempSync(join(folder, "app-")) }), "Stack");
    const fleet = new Fleet(stack, "Fleet", {
      application: "playback",
      vpc: new Vpc(stack, "Vpc"),
      compute: { kind: "ecs", image: ContainerImage.fromRegistry("acme/base") },
    });
    const template = Template.fromStack(stack);
    for (const type of ["AWS::ECS::Service", "AWS::EC2::LaunchTemplate"]) template.resourceCountIs(type, 0);
    template.hasResourceProperties("AWS::ElasticLoadBalancingV2::TargetGroup", { TargetType: "ip", Port: 8080 });
    template.hasResourceProperties("AWS::ECS::TaskDefinition", {
      RequiresCompatibilities: ["FARGATE"],
      ContainerDefinitions: [
        Match.objectLike({
          Name: "app",
          Image: "acme/base",
          PortMappings: [Match.objectLike({ ContainerPort: 8080 })],
          Environment: [{ Name: "PORT", Value: "8080" }],
        }),
      ],
      Tags: [{ Key: "trysail:cluster", Value: "playback" }],
    });
    expect(fleet.launchTemplate).toBeUndefined();
    expect(fleet.roles).toHaveLength(2);
    expect(documentIn(template)).toMatchObject({
      version: 1,
      compute: {
        kind: "ecs",
        cluster: expect.stringMatching(/^FleetCluster/),
        taskDefinition: expect.stringMatching(/^FleetTaskDefinition/),
        container: "app",
        port: 8080,
        assignPublicIp: false,
        healthCheckGraceSeconds: 120,
      },
      traffic: { kind: "weight", targetGroup: expect.stringMatching(/^FleetTargetGroup/) },
    });
  });

  it("may pull its versions' images, in a cluster that is there", () => {
    const stack = new Stack(new App({ outdir: mkdtempSync(join(folder, "app-")) }), "Stack");
    const vpc = new Vpc(stack, "Vpc");
    new Fleet(stack, "Fleet", {
      application: "playback",
      vpc,
      compute: {
        kind: "ecs",
        image: ContainerImage.fromRegistry("acme/base"),
        cluster: new Cluster(stack, "Services", { vpc }),
        repositories: [new Repository(stack, "Images")],
      },
    });
    const template = Template.fromStack(stack);
    template.resourceCountIs("AWS::ECS::Cluster", 1);
    expect(documentIn(template)).toMatchObject({ compute: { cluster: expect.stringMatching(/^Services/) } });
    template.hasResourceProperties("AWS::IAM::Policy", {
      PolicyName: Match.stringLikeRegexp("ExecutionRole"),
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: Match.arrayWith(["ecr:BatchGetImage"]),
            Resource: { "Fn::GetAtt": [Match.stringLikeRegexp("^Images"), "Arn"] },
          }),
        ]),
      },
    });
  });
});

describe("a rollout action", () => {
  it("is a custom action whose spec is in a parameter, and whose type is made before the pipeline", () => {
    const template = pipelineWith((input) => new RolloutAction({ input, spec, commit: "#{source.CommitId}" }));
    template.hasResource("AWS::CodePipeline::Pipeline", {
      DependsOn: Match.arrayWith([Match.stringLikeRegexp("^Type")]),
      Properties: {
        Stages: Match.arrayWith([
          Match.objectLike({
            Actions: [
              Match.objectLike({
                ActionTypeId: { Category: "Deploy", Owner: "Custom", Provider: "Trysail", Version: "1" },
                Configuration: { SpecParameter: { Ref: Match.anyValue() }, Commit: "#{source.CommitId}" },
                InputArtifacts: [{ Name: "Build" }],
              }),
            ],
          }),
        ]),
      },
    });
    template.hasResourceProperties("AWS::SSM::Parameter", { Value: JSON.stringify(spec), Tier: "Standard" });
  });

  it("tells all mistakes of its spec at synthesis, with the field and what is allowed", () => {
    const wrong = { ...spec, strategy: "red-blak", waves: [["mars"]] } as unknown as RolloutDocument;
    expect(() => new RolloutAction({ input: new Artifact("Build"), spec: wrong })).toThrow(
      'The spec of the action Rollout has mistakes:\n- waves[0][0] must be a region such as us-west-2, and is "mars".\n- strategy must be one of red-black, rolling-red-black, highlander, canary, none, and is "red-blak". Did you mean red-black?',
    );
  });

  it("has a place for specs that are longer than a parameter usually is, and says where one is too long", () => {
    const long = { ...spec, alarms: Array.from({ length: 100 }, (_, index) => `${"alarm".repeat(10)}${index}`) };
    pipelineWith((input) => new RolloutAction({ input, spec: long })).hasResourceProperties("AWS::SSM::Parameter", {
      Tier: "Advanced",
    });
    const endless = { ...spec, alarms: Array.from({ length: 200 }, (_, index) => `${"alarm".repeat(10)}${index}`) };
    expect(() => pipelineWith((input) => new RolloutAction({ input, spec: endless }))).toThrow(
      "a parameter takes 8192",
    );
  });

  it("takes the file that the command line takes, and tells its mistakes with their line", () => {
    expect(readSpec("application: playback\nwaves: [[us-west-2]]\n")).toEqual({
      application: "playback",
      waves: [["us-west-2"]],
    });
    expect(() => readSpec("application: playback\n")).toThrow("rollout.yaml:1:1 waves is missing.");
  });
});

describe("a worker", () => {
  it("runs the command with no more than it needs: no permission is for all actions, and what has a cluster's tag is its own", () => {
    const stack = new Stack(new App({ outdir: mkdtempSync(join(folder, "app-")) }), "Stack");
    const vpc = new Vpc(stack, "Vpc");
    const fleet = new Fleet(stack, "Fleet", { application: "playback", vpc, start: ["node server.mjs"] });
    new RolloutWorker(stack, "Worker", {
      vpc,
      image: ContainerImage.fromRegistry("acme/trysail"),
      fleetRoles: fleet.roles,
      clusters: [fleet.cluster],
    });
    const template = Template.fromStack(stack);
    template.hasResourceProperties("AWS::ECS::TaskDefinition", {
      ContainerDefinitions: [Match.objectLike({ Command: Match.arrayWith(["trysail", "worker", "--aws"]) })],
    });
    const policies = Object.entries(template.findResources("AWS::IAM::Policy"));
    const [, worker] = policies.find(([name]) => name.startsWith("WorkerTaskTaskRole")) ?? [];
    const statements = worker?.["Properties"].PolicyDocument.Statement as readonly {
      readonly Action: string | readonly string[];
      readonly Condition?: object;
    }[];
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions).toContain("iam:PassRole");
    expect(actions.filter((action) => action.includes("*"))).toEqual([]);
    const deleting = statements.find(({ Action }) => Action.includes("autoscaling:DeleteAutoScalingGroup"));
    expect(deleting?.Condition).toEqual({ StringEquals: { "aws:ResourceTag/trysail:cluster": ["playback"] } });
  });
});
