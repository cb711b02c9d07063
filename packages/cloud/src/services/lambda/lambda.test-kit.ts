import { CloudWatchLogsClient, DescribeLogStreamsCommand, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { CreateFunctionRequest, InvokeCommandInput } from "@aws-sdk/client-lambda";
import yazl from "yazl";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";

/** A zip archive of these files. */
export async function zipOf(
  files: Readonly<Record<string, string | { readonly text: string; readonly mode: number }>>,
): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const [name, file] of Object.entries(files)) {
    const { text, mode } = typeof file === "string" ? { text: file, mode: 0o644 } : file;
    zip.addBuffer(Buffer.from(text), name, { mode: 0o100000 | mode });
  }
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

export interface LambdaCloud {
  readonly cloud: TestCloud;
  readonly lambda: LambdaClient;
  readonly role: string;
  /** Makes a function, of Node unless something else is said. */
  create(
    name: string,
    files: Parameters<typeof zipOf>[0],
    configuration?: Partial<CreateFunctionRequest>,
  ): Promise<void>;
  /** Calls a function with an event that is turned into JSON. */
  call(
    name: string,
    event?: unknown,
    input?: Partial<InvokeCommandInput>,
  ): Promise<{ readonly answer: unknown; readonly error: string | undefined; readonly tail: string }>;
  /** What a group's streams hold now. */
  log(group: string): Promise<string>;
  /** What a function has logged, when a line of it matches. */
  logUntil(group: string, pattern: RegExp): Promise<string>;
}

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

/** A Trysail with a role that functions can have. */
export async function startLambdaCloud(options: { readonly dataFolder?: string } = {}): Promise<LambdaCloud> {
  const cloud = await startTestCloud(options);
  const clients = () => ({
    lambda: cloud.client(LambdaClient),
    logs: cloud.client(CloudWatchLogsClient),
  });
  let { lambda, logs } = clients();
  let endpoint = cloud.endpoint;
  const current = () => {
    // After a restart there are new ones.
    if (endpoint !== cloud.endpoint) ({ lambda, logs } = clients());
    endpoint = cloud.endpoint;
    return { lambda, logs };
  };
  const log: LambdaCloud["log"] = async (group) => {
    const { logs: client } = current();
    const streams = await client
      .send(new DescribeLogStreamsCommand({ logGroupName: group }))
      .catch(() => ({ logStreams: [] }));
    const texts = await Promise.all(
      (streams.logStreams ?? []).map(async ({ logStreamName }) => {
        const { events = [] } = await client.send(
          new GetLogEventsCommand({ logGroupName: group, logStreamName, startFromHead: true }),
        );
        return events.map(({ message }) => message ?? "").join("");
      }),
    );
    return texts.join("");
  };
  const { Role } = await cloud
    .client(IAMClient)
    .send(new CreateRoleCommand({ RoleName: "functions", AssumeRolePolicyDocument: trust }));
  const role = Role?.Arn ?? "";
  return {
    cloud,
    get lambda() {
      return current().lambda;
    },
    role,
    async create(name, files, configuration = {}) {
      await current().lambda.send(
        new CreateFunctionCommand({
          FunctionName: name,
          Runtime: "nodejs20.x",
          Handler: "index.handler",
          Role: role,
          Code: { ZipFile: await zipOf(files) },
          ...configuration,
        }),
      );
    },
    async call(name, event = {}, input = {}) {
      const { Payload, FunctionError, LogResult } = await current().lambda.send(
        new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event), ...input }),
      );
      const text = Buffer.from(Payload ?? []).toString();
      return {
        answer: text === "" ? undefined : (JSON.parse(text) as unknown),
        error: FunctionError,
        tail: Buffer.from(LogResult ?? "", "base64").toString(),
      };
    },
    log,
    logUntil: (group, pattern) =>
      cloud.eventually(async () => {
        const text = await log(group);
        return pattern.test(text) ? text : undefined;
      }),
  };
}
