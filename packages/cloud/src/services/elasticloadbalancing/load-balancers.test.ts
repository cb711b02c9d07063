import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { balancerKit } from "./elasticloadbalancing.test-kit.ts";
import type { BalancerKit } from "./elasticloadbalancing.test-kit.ts";

let kit: BalancerKit;
beforeEach(async () => {
  kit = await balancerKit();
});
afterEach(() => kit.stop());

const Subnets = ["subnet-a", "subnet-b"];

describe("load balancers", () => {
  it("are provisioned until their worker knows of them, then active", async () => {
    const { LoadBalancers: made } = await kit.elb.createLoadBalancer({ Name: "web", Subnets });
    expect(made?.[0]).toMatchObject({
      LoadBalancerArn: expect.stringMatching(
        /^arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer\/app\/web\/[0-9a-f]{16}$/,
      ) as string,
      DNSName: "127.9.0.1",
      CanonicalHostedZoneId: "Z35SXDOTRQ7X7K",
      Scheme: "internet-facing",
      VpcId: "vpc-1",
      State: { Code: "provisioning" },
      Type: "application",
      AvailabilityZones: [
        { ZoneName: "us-east-1a", SubnetId: "subnet-a" },
        { ZoneName: "us-east-1b", SubnetId: "subnet-b" },
      ],
      SecurityGroups: ["sg-default"],
    });
    await kit.settle();
    const { LoadBalancers: found } = await kit.elb.describeLoadBalancers({ Names: ["web"] });
    expect(found?.[0]?.State).toEqual({ Code: "active" });
  });

  it("tell of a port that could not be opened", async () => {
    const { balancer, listener } = await kit.web();
    kit.plane.failures = { [listener]: "address in use" };
    await kit.settle();
    const { LoadBalancers: found } = await kit.elb.describeLoadBalancers({ LoadBalancerArns: [balancer] });
    expect(found?.[0]?.State).toEqual({
      Code: "active_impaired",
      Reason: "The listener on 127.9.0.1:80 could not be opened: address in use",
    });
  });

  it("are given back where they are asked for again, and refused with other settings", async () => {
    const first = await kit.elb.createLoadBalancer({ Name: "web", Subnets });
    const again = await kit.elb.createLoadBalancer({ Name: "web", Subnets: Subnets.toReversed() });
    expect(again.LoadBalancers?.[0]?.LoadBalancerArn).toBe(first.LoadBalancers?.[0]?.LoadBalancerArn);
    await expect(kit.elb.createLoadBalancer({ Name: "web", Subnets, Scheme: "internal" })).rejects.toMatchObject({
      code: "DuplicateLoadBalancerName",
      message: "A load balancer with the same name 'web' exists, but with different settings",
    });
  });

  it.each([
    [
      { Subnets: ["subnet-a"] },
      "ValidationError",
      "At least two subnets in two different Availability Zones must be specified",
    ],
    [{ Subnets: ["subnet-a", "subnet-x"] }, "SubnetNotFound", "The subnet ID 'subnet-x' does not exist"],
    [
      { Subnets: ["subnet-a", "subnet-a"] },
      "InvalidConfigurationRequest",
      "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
    ],
    [{ Name: "-web" }, "ValidationError", "The load balancer name '-web' cannot begin or end with '-'"],
    [
      { Type: "network" as const },
      "ValidationError",
      "Trysail has application load balancers only: Type 'network' is not supported.",
    ],
  ])("are refused: %o", async (input, code, message) => {
    await expect(kit.elb.createLoadBalancer({ Name: "web", Subnets, ...input })).rejects.toMatchObject({
      code,
      message,
    });
  });

  it("go with their listeners and rules, and give their address back", async () => {
    const { balancer, listener, group } = await kit.web();
    await kit.settle();
    await kit.elb.deleteLoadBalancer({ LoadBalancerArn: balancer });
    await kit.elb.deleteLoadBalancer({ LoadBalancerArn: balancer });
    await kit.settle();
    expect(kit.plane.config).toEqual({ listeners: [], targetGroups: {} });
    const { LoadBalancers: next } = await kit.elb.createLoadBalancer({ Name: "next", Subnets });
    expect(next?.[0]?.DNSName).toBe("127.9.0.1");
    await expect(kit.elb.describeListeners({ ListenerArns: [listener] })).rejects.toMatchObject({
      code: "ListenerNotFound",
      message: "One or more listeners not found",
    });
    await kit.elb.deleteTargetGroup({ TargetGroupArn: group });
    await expect(kit.elb.describeLoadBalancers({ LoadBalancerArns: [balancer] })).rejects.toMatchObject({
      code: "LoadBalancerNotFound",
      message: "One or more load balancers not found",
    });
  });

  it("are not deleted while they are protected", async () => {
    const { balancer } = await kit.web();
    const protect = (Value: string) =>
      kit.elb.modifyLoadBalancerAttributes({
        LoadBalancerArn: balancer,
        Attributes: [{ Key: "deletion_protection.enabled", Value }],
      });
    await protect("true");
    await expect(kit.elb.deleteLoadBalancer({ LoadBalancerArn: balancer })).rejects.toMatchObject({
      code: "OperationNotPermitted",
      message: `Load balancer '${balancer}' cannot be deleted because deletion protection is enabled`,
    });
    await protect("false");
    await kit.elb.deleteLoadBalancer({ LoadBalancerArn: balancer });
  });

  it("have one listener on a port", async () => {
    const { balancer, group } = await kit.web();
    const listen = (Port: number) =>
      kit.elb.createListener({
        LoadBalancerArn: balancer,
        Protocol: "HTTP",
        Port,
        DefaultActions: [{ Type: "forward", TargetGroupArn: group }],
      });
    await listen(81);
    await expect(listen(80)).rejects.toMatchObject({
      code: "DuplicateListener",
      message: `A listener already exists on this port for this load balancer '${balancer}'`,
    });
  });

  it("are listed by pages", async () => {
    for (const Name of ["a", "b", "c"]) await kit.elb.createLoadBalancer({ Name, Subnets });
    const names: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page = await kit.elb.describeLoadBalancers({ PageSize: 2, Marker });
      names.push(...(page.LoadBalancers ?? []).map(({ LoadBalancerName }) => LoadBalancerName));
      Marker = page.NextMarker;
    } while (Marker !== undefined);
    expect(names).toEqual(["a", "b", "c"]);
    await expect(kit.elb.describeLoadBalancers({ Names: ["a", "z"] })).rejects.toMatchObject({
      message: "Load balancers '[z]' not found",
    });
  });
});

describe("tags", () => {
  it("are put on everything that has an ARN, and go with it", async () => {
    const { balancer, listener, group } = await kit.web();
    const ResourceArns = [balancer, listener, group];
    await kit.elb.addTags({ ResourceArns, Tags: [{ Key: "team", Value: "web" }, { Key: "stage" }] });
    await kit.elb.removeTags({ ResourceArns: [group], TagKeys: ["stage"] });
    const { TagDescriptions: all } = await kit.elb.describeTags({ ResourceArns });
    expect(all?.map(({ Tags }) => Tags?.map(({ Key }) => Key))).toEqual([
      ["team", "stage"],
      ["team", "stage"],
      ["team"],
    ]);
    await expect(kit.elb.describeTags({ ResourceArns: ["web"] })).rejects.toMatchObject({ code: "ValidationError" });
  });
});

describe("attributes", () => {
  it("are at AWS's defaults, and change what the data plane is told", async () => {
    const { balancer, group } = await kit.web();
    const set = { Key: "idle_timeout.timeout_seconds", Value: "120" };
    const { Attributes: all } = await kit.elb.modifyLoadBalancerAttributes({
      LoadBalancerArn: balancer,
      Attributes: [set],
    });
    expect(all).toContainEqual(set);
    expect(all).toContainEqual({ Key: "routing.http2.enabled", Value: "true" });
    await kit.settle();
    expect(kit.plane.config?.listeners[0]?.attributes).toMatchObject({ "idle_timeout.timeout_seconds": "120" });
    const { Attributes: ofGroup } = await kit.elb.describeTargetGroupAttributes({ TargetGroupArn: group });
    expect(ofGroup).toContainEqual({ Key: "deregistration_delay.timeout_seconds", Value: "300" });
  });

  it.each([
    ["no.such", "1", "Load balancer attribute key 'no.such' is not recognized"],
    [
      "idle_timeout.timeout_seconds",
      "4001",
      "Load balancer attribute value '4001' is not valid for the key 'idle_timeout.timeout_seconds'",
    ],
    [
      "access_logs.s3.enabled",
      "true",
      "Load balancer attribute 'access_logs.s3.enabled' must be 'false': Trysail does not write access logs.",
    ],
  ])("are refused: %s=%s", async (Key, Value, message) => {
    const { balancer } = await kit.web();
    await expect(
      kit.elb.modifyLoadBalancerAttributes({ LoadBalancerArn: balancer, Attributes: [{ Key, Value }] }),
    ).rejects.toMatchObject({ code: "ValidationError", message });
  });
});

describe("target groups", () => {
  const create = (more: object = {}) =>
    kit.elb.createTargetGroup({ Name: "web", Protocol: "HTTP", Port: 80, VpcId: "vpc-1", ...more });

  it("have the health checks that AWS gives them", async () => {
    const { TargetGroups: groups } = await create({ HealthCheckIntervalSeconds: 5 });
    expect(groups?.[0]).toMatchObject({
      HealthCheckProtocol: "HTTP",
      HealthCheckPort: "traffic-port",
      HealthCheckPath: "/",
      HealthCheckEnabled: true,
      HealthCheckIntervalSeconds: 5,
      // AWS's default is 6, which is longer than the interval.
      HealthCheckTimeoutSeconds: 4,
      HealthyThresholdCount: 5,
      UnhealthyThresholdCount: 2,
      Matcher: { HttpCode: "200" },
      TargetType: "instance",
      ProtocolVersion: "HTTP1",
      LoadBalancerArns: [],
    });
    await expect(create({ HealthCheckIntervalSeconds: 10 })).rejects.toMatchObject({
      code: "DuplicateTargetGroupName",
      message: "A target group with the same name 'web' exists, but with different settings",
    });
  });

  it.each([
    [
      { Name: "a_b" },
      "Target group name 'a_b' can only contain characters that are alphanumeric characters and hyphens(-)",
    ],
    [{ HealthCheckPath: "x" }, /must begin with a '\/'/],
    [{ HealthCheckIntervalSeconds: 4 }, "Health check interval must be between '5' and '300'"],
    [{ HealthCheckTimeoutSeconds: 30 }, /must be smaller than the interval/],
    [{ Matcher: { HttpCode: "500" } }, /must be within '200-499'/],
    [{ Port: undefined }, "A port must be specified"],
    [{ Protocol: "TCP" as const }, /HTTP and HTTPS only/],
    [{ ProtocolVersion: "GRPC" }, /HTTP\/1\.1/],
    [{ VpcId: "vpc-9" }, "The VPC ID 'vpc-9' is not found"],
    [{ TargetType: "lambda" as const }, "Protocol cannot be specified for target groups with target type 'lambda'"],
  ])("are refused: %o", async (input, message) => {
    await expect(create(input)).rejects.toMatchObject({
      code: "ValidationError",
      message: message instanceof RegExp ? (expect.stringMatching(message) as string) : message,
    });
  });

  it("of type ip take private addresses", async () => {
    const { TargetGroups: groups } = await create({ TargetType: "ip" });
    const TargetGroupArn = groups?.[0]?.TargetGroupArn ?? "";
    await kit.elb.registerTargets({ TargetGroupArn, Targets: [{ Id: "10.0.0.1", Port: 8080 }] });
    await expect(kit.elb.registerTargets({ TargetGroupArn, Targets: [{ Id: "8.8.8.8" }] })).rejects.toMatchObject({
      code: "ValidationError",
    });
    expect(await kit.healthOf(TargetGroupArn)).toEqual(["10.0.0.1:8080 unused Target.NotInUse"]);
  });
});
