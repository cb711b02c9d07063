// What Lambda adds to a function's own time: a warm call over one keep-alive connection, beside a bare server that gives
// the same answer to the same client, and a call that starts an environment.
import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { median, startTrysail } from "./trysail.mjs";

const warmCalls = 500;
const coldStarts = 15;
const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});
const ms = (value) => `${value.toFixed(1)} ms`;

async function archive(folder) {
  await writeFile(join(folder, "index.js"), "exports.handler = async (event) => event;\n");
  execFileSync("python3", ["-c", "import zipfile; zipfile.ZipFile('code.zip', 'w').write('index.js')"], {
    cwd: folder,
  });
  return readFile(join(folder, "code.zip"));
}

async function timed(work) {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** @returns rows of the table */
export async function measureLambda() {
  const trysail = await startTrysail();
  const folder = await mkdtemp(join(tmpdir(), "trysail-bench-lambda-"));
  const config = {
    endpoint: trysail.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    requestHandler: { httpAgent: new Agent({ keepAlive: true, maxSockets: 1 }) },
  };
  const lambda = new LambdaClient(config);
  const iam = new IAMClient(config);
  try {
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName: "bench", AssumeRolePolicyDocument: trust }));
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: "echo",
        Runtime: "nodejs20.x",
        Handler: "index.handler",
        Role: Role.Arn,
        Code: { ZipFile: await archive(folder) },
      }),
    );
    const call = () => lambda.send(new InvokeCommand({ FunctionName: "echo", Payload: '{"n":1}' }));
    for (let round = 0; round < 50; round++) await call();
    const answer = {
      method: "POST",
      path: "/2015-03-31",
      status: 200,
      headers: {},
      body: Buffer.from('{"n":1}').toString("base64"),
    };
    await writeFile(join(folder, "answers.json"), JSON.stringify([answer]));
    const bare = fork(new URL("bare-server.mjs", import.meta.url), [join(folder, "answers.json")]);
    const [{ port }] = await once(bare, "message");
    const bareClient = new LambdaClient({ ...config, endpoint: `http://127.0.0.1:${port}` });
    const bareCall = () => bareClient.send(new InvokeCommand({ FunctionName: "echo", Payload: '{"n":1}' }));
    for (let round = 0; round < 50; round++) await bareCall();
    const warm = [];
    const own = [];
    for (let round = 0; round < warmCalls; round++) {
      warm.push(await timed(call));
      own.push(await timed(bareCall));
    }
    bareClient.destroy();
    bare.kill();
    const cold = [];
    for (let round = 0; round < coldStarts; round++) {
      // Another configuration has environments of its own.
      await lambda.send(
        new UpdateFunctionConfigurationCommand({ FunctionName: "echo", Description: `round ${round}` }),
      );
      cold.push(await timed(call));
    }
    return [
      {
        what: "Lambda: a warm call of an empty handler, less the same call to a bare server",
        measured: `${ms(median(warm) - median(own))} (${ms(median(warm))} less ${ms(median(own))})`,
        target: "< 3 ms",
      },
      { what: "Lambda: a call that starts a Node function", measured: ms(median(cold)), target: "< 250 ms" },
    ];
  } finally {
    lambda.destroy();
    iam.destroy();
    await trysail.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
