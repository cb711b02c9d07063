import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { request as secureRequest } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { DescribeSubnetsCommand, EC2Client, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import {
  AddListenerCertificatesCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteLoadBalancerCommand,
  DeregisterTargetsCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { CreateRoleCommand, IAMClient, UploadServerCertificateCommand } from "@aws-sdk/client-iam";
import { AddPermissionCommand, CreateFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { certificateA } from "../../dataplane/certificates.test-kit.ts";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";
import { instanceKit } from "../ec2/ec2.test-kit.ts";
import { testCertificate, testPrivateKey } from "../iam/server-certificate.test-kit.ts";
import { zipOf } from "../lambda/lambda.test-kit.ts";

let cloud: TestCloud;
let ec2: EC2Client;
let elb: ElasticLoadBalancingV2Client;
const connect = () => {
  ec2 = cloud.client(EC2Client);
  elb = cloud.client(ElasticLoadBalancingV2Client);
};
const network = { vpcId: "", subnets: [] as string[] };
beforeAll(async () => {
  cloud = await startTestCloud();
  connect();
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  network.vpcId = Subnets[0]?.VpcId ?? "";
  network.subnets = Subnets.flatMap(({ SubnetId }) => SubnetId ?? []);
});
afterAll(() => cloud.stop());

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A program of the test's own that answers. */
async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function createGroup(Name: string, input: { TargetType?: "ip"; Port?: number } = {}): Promise<string> {
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({ Name, Protocol: "HTTP", Port: 8080, VpcId: network.vpcId, ...input }),
  );
  return TargetGroups?.[0]?.TargetGroupArn ?? "";
}

async function createBalancer(Name: string, TargetGroupArn: string) {
  const { LoadBalancers } = await elb.send(new CreateLoadBalancerCommand({ Name, Subnets: network.subnets }));
  const [balancer] = LoadBalancers ?? [];
  const { Listeners } = await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: balancer?.LoadBalancerArn,
      Protocol: "HTTP",
      Port: 80,
      DefaultActions: [{ Type: "forward", TargetGroupArn }],
    }),
  );
  return {
    arn: balancer?.LoadBalancerArn,
    url: `http://${balancer?.DNSName}`,
    listener: Listeners?.[0]?.ListenerArn,
  };
}

const register = (TargetGroupArn: string, ...Targets: { Id: string; Port?: number }[]) =>
  elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));

/** Resolves when the group's targets are in these states, in order of their ids. */
const untilHealth = (TargetGroupArn: string, ...states: string[]) =>
  cloud.eventually(async () => {
    const { TargetHealthDescriptions = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    return TargetHealthDescriptions.map(({ TargetHealth }) => TargetHealth?.State).join() === states.join();
  });

const ask = async (url: string) => {
  const answer = await fetch(url);
  return `${answer.status} ${await answer.text()}`;
};

describe("a load balancer", () => {
  it("sends what comes to its address on to healthy targets", async () => {
    const group = await createGroup("ip", { TargetType: "ip" });
    const { url, arn } = await createBalancer("ip", group);
    const good = await serve((request, response) => response.end(request.headers["x-forwarded-port"]));
    const bad = await serve((_, response) => response.writeHead(500).end());
    await register(group, { Id: "127.0.0.1", Port: good });
    await untilHealth(group, "healthy");
    const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn ?? ""] }));
    expect(LoadBalancers?.[0]?.State).toEqual({ Code: "active" });
    await register(group, { Id: "127.0.0.1", Port: bad });
    const [status, port] = (await ask(url)).split(" ");
    expect(status).toBe("200");
    expect(["80", "10080"]).toContain(port);
  });

  it("answers by its rules", async () => {
    const group = await createGroup("rules");
    const { url, listener } = await createBalancer("rules", group);
    await elb.send(
      new CreateRuleCommand({
        ListenerArn: listener,
        Priority: 1,
        Conditions: [{ Field: "path-pattern", Values: ["/hello/*"] }],
        Actions: [
          {
            Type: "fixed-response",
            FixedResponseConfig: { StatusCode: "202", ContentType: "text/plain", MessageBody: "hello" },
          },
        ],
      }),
    );
    await cloud.idle();
    expect(await ask(`${url}/hello/you`)).toBe("202 hello");
    // No targets.
    expect(await ask(url)).toMatch(/^503 /);
  });

  it("lets a target end what it has begun before it is deregistered", async () => {
    const group = await createGroup("drain", { TargetType: "ip" });
    const { url } = await createBalancer("drain", group);
    let finish = () => {};
    const begun = new Promise<void>((resolve) => {
      void serve((request, response) => {
        if (request.url !== "/slow") return response.end();
        finish = () => response.end("done");
        resolve();
      }).then((port) => register(group, { Id: "127.0.0.1", Port: port }));
    });
    await untilHealth(group, "healthy");
    const slow = ask(`${url}/slow`);
    await begun;
    const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: group }));
    const Targets = TargetHealthDescriptions?.flatMap(({ Target }) => Target ?? []);
    await elb.send(new DeregisterTargetsCommand({ TargetGroupArn: group, Targets }));
    await cloud.idle();
    await untilHealth(group, "draining");
    expect(await ask(url)).toMatch(/^503 /);
    finish();
    expect(await slow).toBe("200 done");
    await untilHealth(group);
  });

  it("reaches instances on their own addresses, and leaves them alone when they are terminated", async () => {
    const group = await createGroup("instances");
    const { url } = await createBalancer("instances", group);
    const instances = instanceKit(cloud, () => ec2);
    const id = await instances.launch(
      `#!/bin/sh\nexec node -e 'require("http").createServer((_, answer) => answer.end("hi")).listen(process.env.PORT)'\n`,
    );
    await instances.until(id, "running");
    await register(group, { Id: id });
    await untilHealth(group, "healthy");
    expect(await ask(url)).toBe("200 hi");
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    await untilHealth(group, "unused");
    const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: group }));
    expect(TargetHealthDescriptions?.[0]?.TargetHealth).toEqual({
      State: "unused",
      Reason: "Target.InvalidState",
      Description: "Target is in the terminated state",
    });
  });

  it("speaks TLS with the certificate of the name that is asked for, else with its own", async () => {
    const iam = cloud.client(IAMClient);
    const upload = async (ServerCertificateName: string, CertificateBody: string, PrivateKey: string) => {
      const { ServerCertificateMetadata: { Arn } = {} } = await iam.send(
        new UploadServerCertificateCommand({ ServerCertificateName, CertificateBody, PrivateKey }),
      );
      return { CertificateArn: Arn };
    };
    const { LoadBalancers } = await elb.send(
      new CreateLoadBalancerCommand({ Name: "secure", Subnets: network.subnets }),
    );
    const { Listeners } = await elb.send(
      new CreateListenerCommand({
        LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
        Protocol: "HTTPS",
        Port: 8443,
        Certificates: [await upload("own", certificateA.certificate, certificateA.privateKey)],
        DefaultActions: [{ Type: "fixed-response", FixedResponseConfig: { StatusCode: "204" } }],
      }),
    );
    await elb.send(
      new AddListenerCertificatesCommand({
        ListenerArn: Listeners?.[0]?.ListenerArn,
        Certificates: [await upload("shop", testCertificate, testPrivateKey)],
      }),
    );
    await cloud.idle();
    const certificateFor = async (servername: string) => {
      const { hostname: host } = new URL(`http://${LoadBalancers?.[0]?.DNSName}`);
      const asked = secureRequest({ host, port: 8443, servername, rejectUnauthorized: false, agent: false }).end();
      const [response] = (await once(asked, "response")) as [IncomingMessage];
      response.resume();
      return `${response.statusCode} ${String((response.socket as TLSSocket).getPeerCertificate().subject.CN)}`;
    };
    expect(await certificateFor("shop.example")).toBe("204 shop.example");
    expect(await certificateFor("elsewhere.example")).toBe("204 a.example");
  });

  it("lets a function answer", async () => {
    const lambda = cloud.client(LambdaClient);
    const statement = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
    const { Role } = await cloud.client(IAMClient).send(
      new CreateRoleCommand({
        RoleName: "answers",
        AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }),
      }),
    );
    const code = `exports.handler = async ({ path, queryStringParameters: { q }, headers, requestContext }) => ({
      statusCode: 201,
      headers: { "content-type": "text/plain", "x-group": requestContext.elb.targetGroupArn.split("/")[1] },
      body: path + " " + q + " " + headers["x-asked"],
    });`;
    const { FunctionArn: Id = "" } = await lambda.send(
      new CreateFunctionCommand({
        FunctionName: "answers",
        Runtime: "nodejs20.x",
        Handler: "index.handler",
        Role: Role?.Arn,
        Code: { ZipFile: await zipOf({ "index.js": code }) },
      }),
    );
    await lambda.send(
      new AddPermissionCommand({
        FunctionName: "answers",
        StatementId: "balancers",
        Action: "lambda:InvokeFunction",
        Principal: "elasticloadbalancing.amazonaws.com",
      }),
    );
    const { TargetGroups } = await elb.send(new CreateTargetGroupCommand({ Name: "answers", TargetType: "lambda" }));
    const group = TargetGroups?.[0]?.TargetGroupArn ?? "";
    const { url } = await createBalancer("answers", group);
    await register(group, { Id });
    await cloud.idle();
    const answer = await fetch(`${url}/a/path?q=1`, { headers: { "x-asked": "yes" } });
    expect([answer.status, answer.headers.get("x-group"), await answer.text()]).toEqual([
      201,
      "answers",
      "/a/path 1 yes",
    ]);
  });

  it("goes on when Trysail dies, and is taken up by the next one", async () => {
    const group = await createGroup("crash", { TargetType: "ip" });
    const { url, arn } = await createBalancer("crash", group);
    const port = await serve((_, response) => response.end("still here"));
    await register(group, { Id: "127.0.0.1", Port: port });
    await untilHealth(group, "healthy");
    await cloud.crash();
    expect(await ask(url)).toBe("200 still here");
    await cloud.start();
    connect();
    await cloud.idle();
    await untilHealth(group, "healthy");
    expect(await ask(url)).toBe("200 still here");
    await elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: arn }));
    await cloud.idle();
    await expect(fetch(url)).rejects.toThrow();
    await untilHealth(group, "unused");
  });
});
