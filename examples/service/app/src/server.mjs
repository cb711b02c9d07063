import { createServer } from "node:http";

// The build puts the commit in its place.
const version = "unreleased";

/** Where this runs, as AWS tells it: the instance metadata service, or that of ECS tasks. */
async function whereabouts() {
  const task = process.env.ECS_CONTAINER_METADATA_URI_V4;
  if (task !== undefined) {
    const { TaskARN, AvailabilityZone } = await (await fetch(`${task}/task`)).json();
    return { instance: TaskARN.split("/").at(-1), zone: AvailabilityZone };
  }
  const service = process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT ?? "http://169.254.169.254";
  const asked = await fetch(`${service}/latest/api/token`, {
    method: "PUT",
    headers: { "x-aws-ec2-metadata-token-ttl-seconds": "60" },
  });
  const token = await asked.text();
  const tell = async (path) =>
    (await fetch(`${service}/latest/meta-data/${path}`, { headers: { "x-aws-ec2-metadata-token": token } })).text();
  return { instance: await tell("instance-id"), zone: await tell("placement/availability-zone") };
}

const { instance, zone } = await whereabouts();
const answer = JSON.stringify({ version, region: zone.slice(0, -1), zone, instance });

const server = createServer((request, response) => {
  if (request.url === "/health") response.end("ok");
  else response.setHeader("content-type", "application/json").end(`${answer}\n`);
});
// The balancer keeps its connections for 60 s: the server must not be the first to close one.
server.keepAliveTimeout = 75_000;
server.listen(Number(process.env.PORT ?? 8080), process.env.HOST);

// Asked to end: finish what is being answered.
process.on("SIGTERM", () => server.close(() => process.exit(0)));
