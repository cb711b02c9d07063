import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RuleCondition } from "@aws-sdk/client-elastic-load-balancing-v2";
import { balancerKit } from "./elasticloadbalancing.test-kit.ts";
import type { BalancerKit } from "./elasticloadbalancing.test-kit.ts";

let kit: BalancerKit;
let web: Awaited<ReturnType<BalancerKit["web"]>>;
beforeEach(async () => {
  kit = await balancerKit();
  web = await kit.web();
});
afterEach(() => kit.stop());

const path = (...Values: string[]): RuleCondition => ({ Field: "path-pattern", Values });
const fixed = (StatusCode: string) => ({ Type: "fixed-response" as const, FixedResponseConfig: { StatusCode } });

async function createRule(Priority: number, Conditions: RuleCondition[], status = "200"): Promise<string> {
  const { Rules: rules } = await kit.elb.createRule({
    ListenerArn: web.listener,
    Priority,
    Conditions,
    Actions: [fixed(status)],
  });
  return rules?.[0]?.RuleArn ?? "";
}

const order = async () =>
  (await kit.elb.describeRules({ ListenerArn: web.listener })).Rules?.map(
    ({ Priority, Actions }) => `${Priority} ${Actions?.[0]?.FixedResponseConfig?.StatusCode ?? Actions?.[0]?.Type}`,
  );

describe("rules", () => {
  it("are in order of priority, and the default one is the last", async () => {
    const second = await createRule(20, [path("/b")], "202");
    const first = await createRule(10, [path("/a")], "201");
    expect(await order()).toEqual(["10 201", "20 202", "default forward"]);
    // Both at once: they change places.
    await kit.elb.setRulePriorities({
      RulePriorities: [
        { RuleArn: first, Priority: 20 },
        { RuleArn: second, Priority: 10 },
      ],
    });
    expect(await order()).toEqual(["10 202", "20 201", "default forward"]);
    await kit.settle();
    const { rules = [] } = kit.plane.config?.listeners[0] ?? {};
    expect(rules.map(({ conditions, action }) => [conditions, action.type])).toEqual([
      [[{ field: "path-pattern", values: ["/b"] }], "fixed-response"],
      [[{ field: "path-pattern", values: ["/a"] }], "fixed-response"],
      [[], "forward"],
    ]);
  });

  it("tell their conditions in both forms, as AWS does", async () => {
    const RuleArn = await createRule(1, [
      path("/img/*"),
      { Field: "host-header", HostHeaderConfig: { Values: ["*.example.com"] } },
      { Field: "query-string", QueryStringConfig: { Values: [{ Key: "v", Value: "1" }] } },
    ]);
    const { Rules: rules } = await kit.elb.describeRules({ RuleArns: [RuleArn] });
    expect(rules?.[0]).toMatchObject({
      Priority: "1",
      IsDefault: false,
      Conditions: [
        { Field: "path-pattern", Values: ["/img/*"], PathPatternConfig: { Values: ["/img/*"] } },
        { Field: "host-header", Values: ["*.example.com"], HostHeaderConfig: { Values: ["*.example.com"] } },
        { Field: "query-string", QueryStringConfig: { Values: [{ Key: "v", Value: "1" }] } },
      ],
    });
  });

  it("may not have a priority that is in use", async () => {
    await createRule(5, [path("/a")]);
    await expect(createRule(5, [path("/b")])).rejects.toMatchObject({
      code: "PriorityInUse",
      message: "Priority '5' is currently in use",
    });
    await expect(createRule(0, [path("/b")])).rejects.toMatchObject({ code: "ValidationError" });
  });

  it("have at most a hundred on a load balancer", async () => {
    for (let priority = 1; priority <= 100; priority++) await createRule(priority, [path("/a")]);
    await expect(createRule(101, [path("/a")])).rejects.toMatchObject({ code: "TooManyRules" });
  });

  it.each<[string, RuleCondition[]]>([
    ["A condition must be specified", []],
    ["A condition field must be specified", [{ Values: ["/"] }]],
    ["A condition value must be specified", [{ Field: "path-pattern" }]],
    ["A rule can only have '5' condition values", [path("/1", "/2", "/3", "/4", "/5", "/6")]],
    ["A rule can only have '6' condition wildcards", [path("/*/*/*/*", "/?/?/?")]],
    ["A rule can only have one 'path-pattern' condition", [path("/1"), path("/2")]],
    [
      "The source IP '10.0.0.0/33' is not a valid CIDR block",
      [{ Field: "source-ip", SourceIpConfig: { Values: ["10.0.0.0/33"] } }],
    ],
    [
      "Trysail does not match conditions with regular expressions: leave out RegexValues.",
      [{ Field: "path-pattern", PathPatternConfig: { RegexValues: ["^/a"] } }],
    ],
  ])("are refused: %s", async (message, conditions) => {
    await expect(createRule(1, conditions)).rejects.toMatchObject({ code: "ValidationError", message });
  });

  it("that are default ones are neither changed nor deleted", async () => {
    const { Rules: rules } = await kit.elb.describeRules({ ListenerArn: web.listener });
    const RuleArn = rules?.[0]?.RuleArn ?? "";
    await expect(kit.elb.deleteRule({ RuleArn })).rejects.toMatchObject({ code: "OperationNotPermitted" });
    await expect(kit.elb.modifyRule({ RuleArn, Actions: [fixed("200")] })).rejects.toMatchObject({
      code: "OperationNotPermitted",
    });
  });

  it("keep their target groups in use, until the last one goes", async () => {
    await kit.elb.modifyListener({ ListenerArn: web.listener, DefaultActions: [fixed("404")] });
    const { Rules: rules } = await kit.elb.createRule({
      ListenerArn: web.listener,
      Priority: 1,
      Conditions: [path("/a")],
      Actions: [{ Type: "forward", TargetGroupArn: web.group }],
    });
    const remove = () => kit.elb.deleteTargetGroup({ TargetGroupArn: web.group });
    await expect(remove()).rejects.toMatchObject({
      code: "ResourceInUse",
      message: `Target group '${web.group}' is currently in use by a listener or a rule`,
    });
    await kit.elb.deleteRule({ RuleArn: rules?.[0]?.RuleArn ?? "" });
    await remove();
    await expect(kit.elb.describeTargetGroups({ TargetGroupArns: [web.group] })).rejects.toMatchObject({
      code: "TargetGroupNotFound",
      message: "One or more target groups not found",
    });
  });
});

describe("actions", () => {
  const modify = (action: object) =>
    kit.elb.modifyListener({ ListenerArn: web.listener, DefaultActions: [action as never] });

  it("forward with weights, and keep a client in its group", async () => {
    const { TargetGroups: groups } = await kit.elb.createTargetGroup({
      Name: "next",
      Protocol: "HTTP",
      Port: 80,
      VpcId: "vpc-1",
    });
    const next = groups?.[0]?.TargetGroupArn ?? "";
    await modify({
      Type: "forward",
      ForwardConfig: {
        TargetGroups: [
          { TargetGroupArn: web.group, Weight: 90 },
          { TargetGroupArn: next, Weight: 10 },
        ],
        TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
      },
    });
    await kit.settle();
    expect(kit.plane.config?.listeners[0]?.rules.at(-1)?.action).toEqual({
      type: "forward",
      targetGroups: [
        { arn: web.group, weight: 90 },
        { arn: next, weight: 10 },
      ],
      stickinessSeconds: 60,
    });
    expect(Object.keys(kit.plane.config?.targetGroups ?? {}).toSorted()).toEqual([web.group, next].toSorted());
  });

  it("redirect elsewhere, and not in a circle", async () => {
    await modify({ Type: "redirect", RedirectConfig: { Protocol: "HTTPS", Port: "443", StatusCode: "HTTP_301" } });
    await kit.settle();
    expect(kit.plane.config?.listeners[0]?.rules[0]?.action).toEqual({
      type: "redirect",
      protocol: "HTTPS",
      host: "#{host}",
      port: "443",
      path: "/#{path}",
      query: "#{query}",
      status: 301,
    });
    await expect(modify({ Type: "redirect", RedirectConfig: { StatusCode: "HTTP_302" } })).rejects.toMatchObject({
      code: "InvalidLoadBalancerAction",
      message: "The redirect configuration is not valid because it creates a loop.",
    });
  });

  it("that authenticate users are refused", async () => {
    await expect(modify({ Type: "authenticate-cognito" })).rejects.toMatchObject({ code: "ValidationError" });
  });

  it("do not share a target group between load balancers", async () => {
    const { LoadBalancers: made } = await kit.elb.createLoadBalancer({
      Name: "other",
      Subnets: ["subnet-a", "subnet-b"],
    });
    const listen = kit.elb.createListener({
      LoadBalancerArn: made?.[0]?.LoadBalancerArn ?? "",
      Protocol: "HTTP",
      Port: 80,
      DefaultActions: [{ Type: "forward", TargetGroupArn: web.group }],
    });
    await expect(listen).rejects.toMatchObject({
      code: "TargetGroupAssociationLimit",
      message: `The following target groups cannot be associated with more than one load balancer: ${web.group}`,
    });
  });
});
