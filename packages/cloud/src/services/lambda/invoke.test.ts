import { CreateAliasCommand, PublishVersionCommand, PutFunctionConcurrencyCommand } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { measured } from "../../testing/metrics.test-kit.ts";
import { startLambdaCloud } from "./lambda.test-kit.ts";
import type { LambdaCloud } from "./lambda.test-kit.ts";

let kit: LambdaCloud;
beforeAll(async () => {
  kit = await startLambdaCloud();
});
afterAll(() => kit.cloud.stop());

describe("a nodejs function", () => {
  it("answers with what its handler resolves to, and is told who it is", async () => {
    await kit.create(
      "whoami",
      {
        "index.js": `exports.handler = async (event, context) => ({
        event, id: context.awsRequestId.length, name: context.functionName, version: context.functionVersion,
        memory: context.memoryLimitInMB, arn: context.invokedFunctionArn, remaining: typeof context.getRemainingTimeInMillis(),
        region: process.env.AWS_REGION, custom: process.env.CUSTOM, key: process.env.AWS_ACCESS_KEY_ID.slice(0, 4),
      })`,
      },
      { Environment: { Variables: { CUSTOM: "yes" } }, MemorySize: 256 },
    );
    const { answer, error } = await kit.call("whoami", { n: 1 });
    expect(error).toBeUndefined();
    expect(answer).toEqual({
      event: { n: 1 },
      id: 36,
      name: "whoami",
      version: "$LATEST",
      memory: "256",
      arn: "arn:aws:lambda:us-east-1:000000000000:function:whoami",
      remaining: "number",
      region: "us-east-1",
      custom: "yes",
      key: "ASIA",
    });
  });

  it("is called again in the same environment, and its lines are in the tail and in the log group", async () => {
    await kit.create("counter", {
      "index.js": `let calls = 0; exports.handler = async () => { console.log("call\\nno. %d", ++calls); return calls; }`,
    });
    expect((await kit.call("counter")).answer).toBe(1);
    const { answer, tail } = await kit.call("counter", {}, { LogType: "Tail" });
    expect(answer).toBe(2);
    expect(tail).toMatch(
      /^START RequestId: (\S+) Version: \$LATEST\n\d{4}-\S+Z\t\1\tINFO\tcall\nno\. 2\nEND RequestId: \1\nREPORT RequestId: \1\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\t(Max Memory Used: \d+ MB\t)?\n$/,
    );
    const log = await kit.logUntil("/aws/lambda/counter", /no\. 2[^]*REPORT/);
    expect(log).toMatch(/^INIT_START Runtime Version: nodejs:/);
    expect(log).toMatch(/REPORT .*\tInit Duration: [\d.]+ ms\t/);
  });

  it("is measured, as a function and as the alias that it is called by", async () => {
    await kit.create("measured", {
      "index.js": `exports.handler = async ({ fails }) => { if (fails) throw new Error("no"); }`,
    });
    const FunctionName = "measured";
    const { Version = "" } = await kit.lambda.send(new PublishVersionCommand({ FunctionName }));
    await kit.lambda.send(new CreateAliasCommand({ FunctionName, Name: "live", FunctionVersion: Version }));
    await kit.call(FunctionName, {}, { Qualifier: "live" });
    await kit.call(FunctionName, { fails: true });
    const of = (name: string, dimensions: Record<string, string>, statistic?: "Sum" | "SampleCount" | "Maximum") =>
      measured(kit.cloud, `AWS/Lambda/${name}`, dimensions, statistic);
    expect(await of("Invocations", { FunctionName })).toBe(2);
    expect(await of("Errors", { FunctionName })).toBe(1);
    expect(await of("Errors", { FunctionName, Resource: "measured:live" })).toBe(0);
    expect(await of("Invocations", { FunctionName, Resource: "measured:live", ExecutedVersion: Version })).toBe(1);
    expect(await of("Duration", { FunctionName }, "SampleCount")).toBe(2);
    expect(await of("ConcurrentExecutions", { FunctionName }, "Maximum")).toBe(1);
    await kit.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
    await expect(kit.call(FunctionName)).rejects.toMatchObject({ name: "TooManyRequestsException" });
    expect(await of("Throttles", { FunctionName })).toBe(1);
    expect(await of("Invocations", { FunctionName })).toBe(2);
  });

  it("tells of what its handler throws, by callback too", async () => {
    await kit.create("thrower", {
      "index.js": `class Odd extends Error { constructor(m) { super(m); this.name = "Odd"; } }
        exports.handler = (event, context, callback) => {
          if (event.how === "throw") throw new Odd("thrown");
          if (event.how === "callback") callback(new TypeError("called back"));
          if (event.how === "reject") return Promise.reject("only text");
          if (event.how === "exit") process.exit(3);
          callback(null, "fine");
        }`,
    });
    expect(await kit.call("thrower", { how: "throw" })).toMatchObject({
      error: "Unhandled",
      answer: { errorType: "Odd", errorMessage: "thrown", trace: expect.arrayContaining(["Odd: thrown"]) as unknown },
    });
    expect((await kit.call("thrower", { how: "callback" })).answer).toMatchObject({
      errorType: "TypeError",
      errorMessage: "called back",
    });
    expect((await kit.call("thrower", { how: "reject" })).answer).toEqual({
      errorType: "string",
      errorMessage: "only text",
      trace: [],
    });
    expect(await kit.call("thrower", {})).toMatchObject({ answer: "fine", error: undefined });
    expect((await kit.call("thrower", { how: "exit" })).answer).toEqual({
      errorType: "Runtime.ExitError",
      errorMessage: expect.stringMatching(
        /^RequestId: \S+ Error: Runtime exited with error: exit status 3$/,
      ) as unknown,
    });
    expect((await kit.call("thrower", {})).answer).toBe("fine");
  });

  it("is ended when it takes too long, and replaced", async () => {
    await kit.create(
      "slow",
      {
        "index.js": `exports.handler = (event) => event.hang ? new Promise((done) => setTimeout(done, 1e6)) : Promise.resolve(process.pid)`,
      },
      { Timeout: 2 },
    );
    const { answer: first } = await kit.call("slow");
    const hanging = kit.call("slow", { hang: true }, { LogType: "Tail" });
    // The deadline is a timer on the clock: it is set when the event is handed over.
    await kit.logUntil("/aws/lambda/slow", /START[^]*START/);
    await kit.cloud.clock.advance({ seconds: 2 });
    const { answer, error, tail } = await hanging;
    expect(error).toBe("Unhandled");
    expect(answer).toMatchObject({
      errorType: "Sandbox.Timedout",
      errorMessage: expect.stringMatching(/^RequestId: \S+ Error: Task timed out after 2\.00 seconds$/) as unknown,
    });
    expect(tail).toMatch(/Task timed out after 2\.00 seconds\nEND .*\nREPORT .*\tStatus: timeout\t\n$/);
    const { answer: second } = await kit.call("slow");
    expect(second).not.toBe(first);
  });
});
