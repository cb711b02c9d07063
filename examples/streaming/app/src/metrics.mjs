// Tells CloudWatch each second how requests fared: what canaries are judged by. Without the SDK, so that the
// build needs nothing else: a request of the Query protocol, signed with the instance's own credentials.
import { createHash, createHmac } from "node:crypto";

const namespace = "Playback";
const serverGroup = process.env.TRYSAIL_SERVER_GROUP ?? "local";

let latencies = [];
let errors = 0;

/** @param {number} ms @param {boolean} succeeded */
export function measured(ms, succeeded) {
  latencies.push(ms);
  if (!succeeded) errors += 1;
}

/** Sends what was measured since the last time. What cannot be sent is left out: the service goes on. */
export async function tellMetrics() {
  const [values, failed] = [latencies, errors];
  [latencies, errors] = [[], 0];
  if (values.length === 0) return;
  const sum = values.reduce((all, one) => all + one, 0);
  const statistics = {
    SampleCount: values.length,
    Sum: sum,
    Minimum: Math.min(...values),
    Maximum: Math.max(...values),
  };
  const body = new URLSearchParams({ Action: "PutMetricData", Version: "2010-08-01", Namespace: namespace });
  const metrics = [
    ["Requests", { Value: values.length }, "Count"],
    ["Errors", { Value: failed }, "Count"],
    [
      "Latency",
      Object.fromEntries(Object.entries(statistics).map(([name, one]) => [`StatisticValues.${name}`, one])),
      "Milliseconds",
    ],
  ];
  for (const [index, [name, value, unit]] of metrics.entries()) {
    const at = `MetricData.member.${index + 1}`;
    body.set(`${at}.MetricName`, name);
    body.set(`${at}.Unit`, unit);
    body.set(`${at}.StorageResolution`, "1");
    body.set(`${at}.Dimensions.member.1.Name`, "ServerGroup");
    body.set(`${at}.Dimensions.member.1.Value`, serverGroup);
    for (const [part, one] of Object.entries(value)) body.set(`${at}.${part}`, String(one));
  }
  try {
    await send(body.toString());
  } catch (error) {
    console.error(`Metrics were not told: ${String(error)}`);
  }
}

const imds = (process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT ?? "http://169.254.169.254").replace(/\/$/, "");
let known = { until: 0, region: "", keys: {} };

/** The instance's credentials, asked for again before they expire. */
async function identity() {
  if (Date.now() < known.until) return known;
  const token = await text(`${imds}/latest/api/token`, {
    method: "PUT",
    headers: { "x-aws-ec2-metadata-token-ttl-seconds": "300" },
  });
  const meta = (path) => text(`${imds}/latest/meta-data/${path}`, { headers: { "x-aws-ec2-metadata-token": token } });
  const role = await meta("iam/security-credentials/");
  const keys = JSON.parse(await meta(`iam/security-credentials/${role}`));
  known = { until: Date.parse(keys.Expiration) - 300_000, region: await meta("placement/region"), keys };
  return known;
}

async function text(url, options) {
  const response = await fetch(url, { ...options, signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}: ${await response.text()}`);
  return response.text();
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
async function send(body) {
  const { region, keys } = await identity();
  const url = new URL(process.env.AWS_ENDPOINT_URL ?? `https://monitoring.${region}.amazonaws.com`);
  const time = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    host: url.host,
    "x-amz-date": time,
    "x-amz-security-token": keys.Token,
  };
  const hash = (of) => createHash("sha256").update(of).digest("hex");
  const signed = Object.keys(headers).join(";");
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const canonical = ["POST", "/", "", lines.join(""), signed, hash(body)].join("\n");
  const scope = `${time.slice(0, 8)}/${region}/monitoring/aws4_request`;
  const key = scope
    .split("/")
    .reduce((secret, part) => createHmac("sha256", secret).update(part).digest(), `AWS4${keys.SecretAccessKey}`);
  const toSign = ["AWS4-HMAC-SHA256", time, scope, hash(canonical)].join("\n");
  const signature = createHmac("sha256", key).update(toSign).digest("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${keys.AccessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
  const { host: _, ...sent } = headers;
  await text(url, { method: "POST", headers: { ...sent, authorization }, body });
}
