// Small calls and large bodies through the official SDK clients: Trysail and a bare node:http server that answers the
// same bytes, in turn, in one run.
import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import http from "node:http";
import { join } from "node:path";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { cpuSeconds, median, startTrysail } from "./trysail.mjs";

const rounds = 5;
const small = Buffer.alloc(1024, "x");
const large = Buffer.alloc(64 * 1024 * 1024, "y");
const Bucket = "bench";

const options = (endpoint) => ({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
  maxAttempts: 1,
  forcePathStyle: true,
});

/** What is measured: each a function of the clients and a running number. `keys` is how many the large bucket has. */
const callsOf = (keys) => ({
  "S3 PutObject 1 KiB": {
    many: 2000,
    run: ({ s3 }, n) => s3.send(new PutObjectCommand({ Bucket, Key: `small-${n % 1000}`, Body: small })),
  },
  "S3 GetObject 1 KiB": {
    many: 2000,
    run: async ({ s3 }) => (await s3.send(new GetObjectCommand({ Bucket, Key: "small" }))).Body.transformToByteArray(),
  },
  "SSM GetParameter": { many: 2000, run: ({ ssm }) => ssm.send(new GetParameterCommand({ Name: "/bench" })) },
  [`S3 list 1,000 of ${keys.toLocaleString("en")}`]: {
    many: 60,
    run: ({ s3 }, n) =>
      s3.send(
        new ListObjectsV2Command({
          Bucket: "large",
          StartAfter: `key-${String((n * 1000) % (keys * 0.9)).padStart(7, "0")}`,
          MaxKeys: 1000,
        }),
      ),
  },
  "S3 PutObject 64 MiB": {
    many: 3,
    concurrency: 1,
    bytes: large.length,
    run: ({ s3 }) => s3.send(new PutObjectCommand({ Bucket, Key: "large", Body: large })),
  },
  "S3 GetObject 64 MiB": {
    many: 3,
    concurrency: 1,
    bytes: large.length,
    run: async ({ s3 }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: "large" }));
      for await (const _ of Body);
    },
  },
});

const clientsOf = (endpoint) => ({ s3: new S3Client(options(endpoint)), ssm: new SSMClient(options(endpoint)) });

/** Calls per second of wall time, and per second of the server's CPU. */
async function rate(call, clients, pid, concurrency) {
  const before = cpuSeconds(pid);
  const startedAt = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: call.concurrency ?? concurrency }, async () => {
      while (next < call.many) await call.run(clients, next++);
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  return { perSecond: call.many / seconds, perCpuSecond: call.many / (cpuSeconds(pid) - before) };
}

/** What Trysail answers to a call, byte for byte, for the bare server to say. */
async function answerTo(endpoint, run) {
  let answer;
  const forward = async (request, response) => {
    const { method, headers, url } = request;
    // The signature covers the host, so the client's own is handed on; Trysail takes any loopback host.
    const forwarded = http.request(`${endpoint}${url}`, { method, headers });
    request.pipe(forwarded);
    const [reply] = await once(forwarded, "response");
    const chunks = [];
    for await (const chunk of reply) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const { "transfer-encoding": _, connection: __, "keep-alive": ___, ...own } = reply.headers;
    const path = url.split("?")[0];
    answer = {
      method,
      path,
      target: headers["x-amz-target"],
      status: reply.statusCode,
      headers: own,
      body: body.toString("base64"),
    };
    response.writeHead(reply.statusCode, own).end(body);
  };
  const proxy = http.createServer((request, response) => void forward(request, response));
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  await run(clientsOf(`http://127.0.0.1:${proxy.address().port}`), 0);
  proxy.closeAllConnections();
  proxy.close();
  return answer;
}

/** Fills a bucket with tiny objects. Anybody may write in it: signing a million requests would take the client longest. */
async function fill({ s3 }, endpoint, count) {
  await s3.send(new CreateBucketCommand({ Bucket: "large" }));
  await s3.send(
    new PutPublicAccessBlockCommand({ Bucket: "large", PublicAccessBlockConfiguration: { BlockPublicPolicy: false } }),
  );
  const statement = { Effect: "Allow", Principal: "*", Action: "s3:PutObject", Resource: "arn:aws:s3:::large/*" };
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  await s3.send(new PutBucketPolicyCommand({ Bucket: "large", Policy }));
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  const put = async (key) => {
    const asked = http.request(`${endpoint}/large/${key}`, { method: "PUT", agent, headers: { "content-length": 1 } });
    asked.end("x");
    const [response] = await once(asked, "response");
    response.resume();
    if (response.statusCode !== 200) throw new Error(`filling the bucket: ${response.statusCode}`);
  };
  let next = 0;
  const fillOn = async () => {
    while (next < count) await put(`key-${String(next++).padStart(7, "0")}`);
  };
  await Promise.all(Array.from({ length: 64 }, fillOn));
  agent.destroy();
}

/** @returns rows of the table */
export async function measureApi({ million }) {
  const keys = million ? 1_000_000 : 10_000;
  const trysail = await startTrysail();
  const own = clientsOf(trysail.endpoint);
  await own.s3.send(new CreateBucketCommand({ Bucket }));
  await own.s3.send(new PutObjectCommand({ Bucket, Key: "small", Body: small }));
  await own.s3.send(new PutObjectCommand({ Bucket, Key: "large", Body: large }));
  await own.ssm.send(new PutParameterCommand({ Name: "/bench", Value: "value", Type: "String" }));
  await fill(own, trysail.endpoint, keys);

  const rows = [];
  for (const [name, call] of Object.entries(callsOf(keys))) {
    const answers = [await answerTo(trysail.endpoint, call.run)];
    const file = join(trysail.data, "answers.json");
    await writeFile(
      file,
      JSON.stringify(answers.map((answer) => ({ ...answer, path: answer.path.replace(/small-\d+$/, "small") }))),
    );
    const bare = fork(new URL("bare-server.mjs", import.meta.url), [file]);
    const [{ port }] = await once(bare, "message");
    const other = clientsOf(`http://127.0.0.1:${port}`);
    for (const concurrency of call.concurrency === 1 ? [1] : [1, 32]) {
      const pairs = [];
      for (let round = 0; round <= rounds; round++) {
        const ours = await rate(call, own, trysail.pid, concurrency);
        const theirs = await rate(call, other, bare.pid, concurrency);
        // The first round warms both up.
        if (round > 0) pairs.push({ ours, theirs, ratio: theirs.perSecond / ours.perSecond });
      }
      const format = (perSecond) =>
        call.bytes === undefined
          ? Math.round(perSecond).toLocaleString("en")
          : `${Math.round((perSecond * call.bytes) / 1024 / 1024)} MiB/s`;
      const perCpuSecond = (of) =>
        call.bytes === undefined
          ? Math.round(median(pairs.map((pair) => of(pair).perCpuSecond))).toLocaleString("en")
          : "";
      rows.push({
        what: `${name}, ${call.concurrency ?? concurrency} at once`,
        trysail: format(median(pairs.map(({ ours }) => ours.perSecond))),
        bare: format(median(pairs.map(({ theirs }) => theirs.perSecond))),
        "times as long": median(pairs.map(({ ratio }) => ratio)).toFixed(2),
        "trysail, per CPU second": perCpuSecond(({ ours }) => ours),
        "bare, per CPU second": perCpuSecond(({ theirs }) => theirs),
      });
    }
    for (const client of Object.values(other)) client.destroy();
    bare.kill();
  }
  for (const client of Object.values(own)) client.destroy();
  await trysail.stop();
  return rows;
}
