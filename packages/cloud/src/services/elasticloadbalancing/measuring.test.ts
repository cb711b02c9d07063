import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  ListMetricsCommand,
  PutMetricAlarmCommand,
} from "@aws-sdk/client-cloudwatch";
import { DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { systemClock } from "@trysail/core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";

let cloud: TestCloud;
let cloudwatch: CloudWatchClient;
beforeAll(async () => {
  // What the balancers do takes real time.
  cloud = await startTestCloud({ clock: systemClock() });
  cloudwatch = cloud.client(CloudWatchClient);
});
afterAll(() => cloud.stop());

it("measures what a balancer and its targets do, and has an alarm ring for it", async () => {
  const server = createServer((request, response) =>
    response.writeHead(request.url === "/bad" ? 503 : 200).end("hello"),
  ).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const elb = cloud.client(ElasticLoadBalancingV2Client);
    const { Subnets = [] } = await cloud.client(EC2Client).send(new DescribeSubnetsCommand({}));
    const { TargetGroups } = await elb.send(
      new CreateTargetGroupCommand({
        Name: "web",
        Protocol: "HTTP",
        Port: 80,
        TargetType: "ip",
        VpcId: Subnets[0]?.VpcId,
      }),
    );
    const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? "";
    const { LoadBalancers } = await elb.send(
      new CreateLoadBalancerCommand({ Name: "web", Subnets: Subnets.flatMap(({ SubnetId }) => SubnetId ?? []) }),
    );
    const { LoadBalancerArn = "", DNSName = "" } = LoadBalancers?.[0] ?? {};
    await elb.send(
      new CreateListenerCommand({
        LoadBalancerArn,
        Protocol: "HTTP",
        Port: 80,
        DefaultActions: [{ Type: "forward", TargetGroupArn }],
      }),
    );
    const { port } = server.address() as AddressInfo;
    await elb.send(
      new RegisterTargetsCommand({
        TargetGroupArn,
        Targets: [{ Id: "127.0.0.1", Port: port, AvailabilityZone: "us-east-1a" }],
      }),
    );
    await cloud.eventually(async () => {
      const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
      return TargetHealthDescriptions?.[0]?.TargetHealth?.State === "healthy";
    });

    const LoadBalancer = LoadBalancerArn.slice(LoadBalancerArn.indexOf("app/"));
    const TargetGroup = TargetGroupArn.slice(TargetGroupArn.indexOf("targetgroup/"));
    const dimensions = (of: Readonly<Record<string, string>>) =>
      Object.entries(of).map(([Name, Value]) => ({ Name, Value }));
    await cloudwatch.send(
      new PutMetricAlarmCommand({
        AlarmName: "errors",
        Namespace: "AWS/ApplicationELB",
        MetricName: "HTTPCode_Target_5XX_Count",
        Dimensions: dimensions({ LoadBalancer }),
        Statistic: "Sum",
        Period: 10,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: "GreaterThanOrEqualToThreshold",
      }),
    );
    for (const path of ["/", "/", "/bad", "/"]) await fetch(`http://${DNSName}${path}`).then((answer) => answer.text());
    await cloud.eventually(async () => {
      const { MetricAlarms } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: ["errors"] }));
      return MetricAlarms?.[0]?.StateValue === "ALARM";
    });

    const told = async (MetricName: string, Stat: string, of: Readonly<Record<string, string>>) => {
      const { MetricDataResults } = await cloudwatch.send(
        new GetMetricDataCommand({
          StartTime: new Date(Date.now() - 600_000),
          EndTime: new Date(Date.now() + 60_000),
          MetricDataQueries: [
            {
              Id: "m1",
              MetricStat: {
                Metric: { Namespace: "AWS/ApplicationELB", MetricName, Dimensions: dimensions(of) },
                Stat,
                Period: 3600,
              },
            },
          ],
        }),
      );
      return MetricDataResults?.[0]?.Values?.reduce((sum, value) => sum + value, 0) ?? 0;
    };
    expect(await told("RequestCount", "Sum", { LoadBalancer })).toBe(4);
    expect(await told("RequestCount", "Sum", { TargetGroup, LoadBalancer })).toBe(4);
    expect(await told("RequestCountPerTarget", "Sum", { TargetGroup })).toBe(4);
    expect(await told("HTTPCode_Target_2XX_Count", "Sum", { LoadBalancer })).toBe(3);
    expect(await told("HTTPCode_Target_5XX_Count", "Sum", { LoadBalancer })).toBe(1);
    expect(await told("TargetResponseTime", "p99", { LoadBalancer })).toBeGreaterThan(0);
    expect(await told("HealthyHostCount", "Maximum", { TargetGroup, LoadBalancer })).toBe(1);
    expect(await told("NewConnectionCount", "Sum", { LoadBalancer })).toBeGreaterThan(0);
    expect(await told("ProcessedBytes", "Sum", { LoadBalancer })).toBeGreaterThan(100);
    const { Metrics = [] } = await cloudwatch.send(new ListMetricsCommand({ MetricName: "RequestCount" }));
    expect(Metrics).toHaveLength(4);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
