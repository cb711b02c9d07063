import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionUrlConfigCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetPolicyCommand,
  InvokeCommand,
  ListVersionsByFunctionCommand,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
} from "@aws-sdk/client-lambda";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { measured } from "../../testing/metrics.test-kit.ts";
import { startLambdaCloud, zipOf } from "./lambda.test-kit.ts";
import type { LambdaCloud } from "./lambda.test-kit.ts";

let kit: LambdaCloud;
beforeAll(async () => {
  kit = await startLambdaCloud();
});
afterAll(() => kit.cloud.stop());

const saying = (text: string) => ({ "index.js": `exports.handler = async () => ${JSON.stringify(text)}` });

describe("functions", () => {
  it("keep what was published, and lead aliases to it", async () => {
    await kit.create("versioned", saying("one"));
    const first = await kit.lambda.send(new PublishVersionCommand({ FunctionName: "versioned" }));
    const again = await kit.lambda.send(new PublishVersionCommand({ FunctionName: "versioned" }));
    expect([first.Version, again.Version]).toEqual(["1", "1"]);
    await kit.lambda.send(
      new UpdateFunctionCodeCommand({ FunctionName: "versioned", ZipFile: await zipOf(saying("two")), Publish: true }),
    );
    const { AliasArn } = await kit.lambda.send(
      new CreateAliasCommand({ FunctionName: "versioned", Name: "live", FunctionVersion: "1" }),
    );
    expect(AliasArn).toBe("arn:aws:lambda:us-east-1:000000000000:function:versioned:live");
    expect((await kit.call("versioned:live")).answer).toBe("one");
    expect((await kit.call("versioned", {}, { Qualifier: "2" })).answer).toBe("two");
    await kit.lambda.send(
      new UpdateAliasCommand({
        FunctionName: "versioned",
        Name: "live",
        RoutingConfig: { AdditionalVersionWeights: { "2": 1 } },
      }),
    );
    expect((await kit.call(AliasArn ?? "")).answer).toBe("two");
    const { Versions = [] } = await kit.lambda.send(new ListVersionsByFunctionCommand({ FunctionName: "versioned" }));
    expect(Versions.map(({ Version }) => Version)).toEqual(["$LATEST", "1", "2"]);
    await expect(
      kit.lambda.send(new DeleteFunctionCommand({ FunctionName: "versioned", Qualifier: "1" })),
    ).rejects.toMatchObject({ name: "ResourceConflictException" });
  });

  it("give their code back, and say that they are gone when they are", async () => {
    const zip = await zipOf(saying("x"));
    await kit.create("package", saying("x"), { Code: { ZipFile: zip } });
    const { Code } = await kit.lambda.send(new GetFunctionCommand({ FunctionName: "package" }));
    const downloaded = await fetch(Code?.Location ?? "");
    expect(Buffer.from(await downloaded.arrayBuffer()).equals(zip)).toBe(true);
    await kit.lambda.send(new DeleteFunctionCommand({ FunctionName: "package" }));
    expect((await fetch(Code?.Location ?? "")).status).toBe(404);
    await expect(kit.call("package")).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "Function not found: arn:aws:lambda:us-east-1:000000000000:function:package",
    });
  });

  it("are refused with a role that Lambda cannot assume, a broken archive, or one that leads out of itself", async () => {
    await expect(
      kit.create("roleless", saying("x"), { Role: "arn:aws:iam::000000000000:role/nobody" }),
    ).rejects.toMatchObject({
      name: "InvalidParameterValueException",
      message: "The role defined for the function cannot be assumed by Lambda.",
    });
    await expect(kit.create("broken", {}, { Code: { ZipFile: Buffer.from("no zip") } })).rejects.toMatchObject({
      message: "Could not unzip uploaded file. Please check your file, then try to upload again.",
    });
    const escaping = Buffer.from(
      (await zipOf({ "aa/file": "x" })).toString("latin1").replaceAll("aa/file", "../file"),
      "latin1",
    );
    await expect(kit.create("escaping", {}, { Code: { ZipFile: escaping } })).rejects.toMatchObject({
      name: "InvalidParameterValueException",
    });
  });

  it("find their layers, in python too", async () => {
    const { LayerVersionArn = "" } = await kit.lambda.send(
      new PublishLayerVersionCommand({
        LayerName: "shared",
        Content: {
          ZipFile: await zipOf({
            "nodejs/node_modules/greeting/index.js": "module.exports = 'hello from the layer'",
            "python/greeting.py": "TEXT = 'hello from python'",
            "bin/greet": { text: "#!/bin/sh\necho hello from a program", mode: 0o755 },
          }),
        },
      }),
    );
    const layers = { Layers: [LayerVersionArn] };
    await kit.create("layered", { "index.js": "exports.handler = async () => require('greeting')" }, layers);
    expect((await kit.call("layered")).answer).toBe("hello from the layer");
    await kit.create(
      "snake",
      {
        "app/main.py": `import subprocess, greeting
def handler(event, context):
    if event.get("fail"):
        raise ValueError("no luck")
    program = subprocess.run(["/opt/bin/greet"], capture_output=True, text=True).stdout.strip()
    return {"text": greeting.TEXT, "program": program, "name": context.function_name, "n": event["n"] + 1}`,
      },
      { ...layers, Runtime: "python3.13", Handler: "app/main.handler" },
    );
    expect((await kit.call("snake", { n: 1 })).answer).toEqual({
      text: "hello from python",
      program: "hello from a program",
      name: "snake",
      n: 2,
    });
    expect(await kit.call("snake", { fail: true })).toMatchObject({
      error: "Unhandled",
      answer: { errorType: "ValueError", errorMessage: "no luck", stackTrace: [expect.stringContaining("main.py")] },
    });
  });

  it("bring a runtime of their own", async () => {
    const bootstrap = `#!/bin/sh
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
  event=$(curl -sS -D "$TMPDIR/headers" "$api/next") || exit 0
  id=$(sed -n 's/^[Ll]ambda-[Rr]untime-[Aa]ws-[Rr]equest-[Ii]d: *\\([^ \\r]*\\).*/\\1/p' "$TMPDIR/headers")
  curl -sS -o /dev/null -X POST "$api/$id/response" -d "{\\"got\\": $event, \\"handler\\": \\"$_HANDLER\\"}"
done`;
    await kit.create(
      "own",
      { bootstrap: { text: bootstrap, mode: 0o755 } },
      { Runtime: "provided.al2023", Handler: "any" },
    );
    expect((await kit.call("own", { n: 1 })).answer).toEqual({ got: { n: 1 }, handler: "any" });
    await kit.create("bootless", saying("x"), { Runtime: "provided.al2023" });
    expect((await kit.call("bootless")).answer).toMatchObject({
      errorType: "Runtime.InvalidEntrypoint",
      errorMessage: expect.stringContaining("Couldn't find valid bootstrap(s)") as unknown,
    });
  });

  it("are throttled at the concurrency that they have reserved", async () => {
    await kit.create("narrow", saying("x"));
    await kit.lambda.send(
      new PutFunctionConcurrencyCommand({ FunctionName: "narrow", ReservedConcurrentExecutions: 0 }),
    );
    await expect(kit.call("narrow")).rejects.toMatchObject({
      name: "TooManyRequestsException",
      Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
    });
    await expect(
      kit.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: "narrow", ReservedConcurrentExecutions: 901 })),
    ).rejects.toMatchObject({ name: "InvalidParameterValueException" });
  });

  it("handle events later, try again what fails, and tell the destination at the end", async () => {
    await kit.create("destination", {
      "index.js": "exports.handler = async (e) => console.log('TOLD ' + JSON.stringify(e))",
    });
    await kit.create("flaky", {
      "index.js": "exports.handler = async (e) => { console.log('TRIED'); throw new Error(e.text) }",
    });
    await kit.lambda.send(
      new PutFunctionEventInvokeConfigCommand({
        FunctionName: "flaky",
        DestinationConfig: {
          OnFailure: { Destination: "arn:aws:lambda:us-east-1:000000000000:function:destination" },
        },
      }),
    );
    const { StatusCode } = await kit.lambda.send(
      new InvokeCommand({ FunctionName: "flaky", InvocationType: "Event", Payload: JSON.stringify({ text: "oh" }) }),
    );
    expect(StatusCode).toBe(202);
    for (const [attempt, minutes] of [1, 2].entries()) {
      await kit.logUntil("/aws/lambda/flaky", new RegExp(`(TRIED[^]*REPORT[^]*){${attempt + 1}}`));
      await kit.cloud.idle();
      await kit.cloud.clock.advance({ minutes });
    }
    const FunctionName = "flaky";
    const of = (name: string, statistic: "Sum" | "SampleCount" | "Maximum") =>
      measured(kit.cloud, `AWS/Lambda/${name}`, { FunctionName, Resource: FunctionName }, statistic);
    const log = await kit.logUntil("/aws/lambda/destination", /TOLD/);
    const told = JSON.parse(/TOLD (\{.*\})/.exec(log)?.[1] ?? "{}") as object;
    expect(told).toMatchObject({
      requestContext: { condition: "RetriesExhausted", approximateInvokeCount: 3 },
      requestPayload: { text: "oh" },
      responseContext: { functionError: "Unhandled", executedVersion: "$LATEST" },
      responsePayload: { errorMessage: "oh" },
    });
    expect(await of("AsyncEventsReceived", "Sum")).toBe(1);
    expect(await of("AsyncEventsDropped", "Sum")).toBe(1);
    expect(await of("AsyncEventAge", "SampleCount")).toBe(3);
    expect(await of("AsyncEventAge", "Maximum")).toBeGreaterThanOrEqual(180_000);
  });

  it("tell topics and event buses how their events have ended, and send dead letters", async () => {
    const { cloud } = kit;
    const sns = cloud.client(SNSClient);
    const events = cloud.client(EventBridgeClient);
    const arn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
    await kit.create("told", { "index.js": "exports.handler = async (e) => console.log('TOLD ' + JSON.stringify(e))" });
    const topic = async (Name: string) => {
      const { TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name }));
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: "lambda", Endpoint: arn("told") }));
      return TopicArn;
    };
    const [ended, letters] = [await topic("ended"), await topic("letters")];
    const bus = "arn:aws:events:us-east-1:000000000000:event-bus/default";
    const EventPattern = JSON.stringify({ source: ["lambda"] });
    await events.send(new PutRuleCommand({ Name: "results", EventPattern }));
    await events.send(new PutTargetsCommand({ Rule: "results", Targets: [{ Id: "told", Arn: arn("told") }] }));
    await kit.create(
      "moody",
      { "index.js": "exports.handler = async (e) => { if (e.fails) throw new Error('oh'); return 'fine' }" },
      { DeadLetterConfig: { TargetArn: letters } },
    );
    await kit.lambda.send(
      new PutFunctionEventInvokeConfigCommand({
        FunctionName: "moody",
        MaximumRetryAttempts: 0,
        DestinationConfig: { OnSuccess: { Destination: bus }, OnFailure: { Destination: ended } },
      }),
    );
    const call = (event: object) =>
      kit.lambda.send(
        new InvokeCommand({ FunctionName: "moody", InvocationType: "Event", Payload: JSON.stringify(event) }),
      );
    const told = async (pattern: RegExp) => {
      const log = await kit.logUntil("/aws/lambda/told", pattern);
      const line = log.split("\n").find((one) => pattern.test(one));
      return JSON.parse(/TOLD (\{.*\})/.exec(line ?? "")?.[1] ?? "{}") as Record<string, unknown> & {
        readonly Records: readonly { readonly Sns: { readonly Message: string; readonly MessageAttributes: object } }[];
      };
    };
    await call({ n: 1 });
    expect(await told(/TOLD .*Lambda Function Invocation Result/)).toMatchObject({
      source: "lambda",
      "detail-type": "Lambda Function Invocation Result - Success",
      resources: [expect.stringMatching(/function:moody/), bus],
      detail: { requestPayload: { n: 1 }, responsePayload: "fine", requestContext: { condition: "Success" } },
    });
    await call({ fails: true });
    const failure = await told(/TOLD .*RetriesExhausted/);
    expect(JSON.parse(failure.Records[0]?.Sns.Message ?? "{}")).toMatchObject({
      requestPayload: { fails: true },
      responsePayload: { errorMessage: "oh" },
    });
    const letter = await told(/TOLD .*RequestID/);
    expect(letter.Records[0]?.Sns).toMatchObject({
      Message: '{"fails":true}',
      MessageAttributes: {
        ErrorCode: { Type: "Number", Value: "200" },
        ErrorMessage: { Type: "String", Value: "oh" },
      },
    });
    await expect(
      kit.lambda.send(
        new PutFunctionEventInvokeConfigCommand({
          FunctionName: "moody",
          DestinationConfig: { OnFailure: { Destination: "arn:aws:sqs:us-east-1:000000000000:queue" } },
        }),
      ),
    ).rejects.toMatchObject({ name: "InvalidParameterValueException" });
  });

  it("answer at a URL", async () => {
    await kit.create("web", {
      "index.js": `exports.handler = async (event) => ({ statusCode: 201, headers: { "X-Path": event.rawPath },
        cookies: ["a=1", "b=2"], body: JSON.stringify([event.queryStringParameters, event.cookies, event.body]) })`,
    });
    const { FunctionUrl = "" } = await kit.lambda.send(
      new CreateFunctionUrlConfigCommand({ FunctionName: "web", AuthType: "NONE" }),
    );
    const url = new URL(FunctionUrl);
    expect(url.hostname).toMatch(/^[a-z0-9]{32}\.lambda-url\.us-east-1\.localhost$/);
    const answer = await new Promise<{ status: number | undefined; headers: object; text: string }>(
      (resolve, reject) => {
        const asked = request(
          {
            host: "127.0.0.1",
            port: url.port,
            path: "/some/path?q=1&q=2",
            method: "POST",
            headers: { host: url.host, cookie: "c=3", "content-type": "text/plain" },
          },
          (response) => {
            let text = "";
            response.on("data", (chunk: Buffer) => (text += chunk.toString()));
            response.on("end", () => resolve({ status: response.statusCode, headers: response.headers, text }));
          },
        );
        asked.on("error", reject);
        asked.end("posted");
      },
    );
    expect(answer.status).toBe(201);
    expect(answer.headers).toMatchObject({ "x-path": "/some/path", "set-cookie": ["a=1", "b=2"] });
    expect(JSON.parse(answer.text)).toEqual([{ q: "1,2" }, ["c=3"], "posted"]);
  });

  it("have permissions, which are shown as a policy", async () => {
    await kit.create("permitted", saying("x"));
    await kit.lambda.send(
      new AddPermissionCommand({
        FunctionName: "permitted",
        StatementId: "one",
        Action: "lambda:InvokeFunction",
        Principal: "s3.amazonaws.com",
        SourceAccount: "000000000000",
      }),
    );
    const { Policy = "" } = await kit.lambda.send(new GetPolicyCommand({ FunctionName: "permitted" }));
    expect(JSON.parse(Policy)).toMatchObject({
      Statement: [
        {
          Sid: "one",
          Principal: { Service: "s3.amazonaws.com" },
          Condition: { StringEquals: { "AWS:SourceAccount": "000000000000" } },
        },
      ],
    });
  });
});
