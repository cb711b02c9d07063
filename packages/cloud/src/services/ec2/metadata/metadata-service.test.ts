import { EC2Client, GetConsoleOutputCommand, ModifyInstanceMetadataOptionsCommand } from "@aws-sdk/client-ec2";
import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  IAMClient,
} from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../../testing/test-cloud.test-kit.ts";
import { amazonLinux, instanceKit } from "../ec2.test-kit.ts";

let cloud: TestCloud;
let ec2: EC2Client;
const kit = () => instanceKit(cloud, () => ec2);
beforeAll(async () => {
  cloud = await startTestCloud();
  ec2 = cloud.client(EC2Client, { region: "us-west-2" });
  const iam = cloud.client(IAMClient);
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
  };
  await iam.send(new CreateRoleCommand({ RoleName: "web", AssumeRolePolicyDocument: JSON.stringify(trust) }));
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: "web" }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: "web", RoleName: "web" }));
});
afterAll(() => cloud.stop());

async function consoleWith(InstanceId: string, pattern: RegExp): Promise<RegExpExecArray> {
  for (;;) {
    const { Output = "" } = await ec2.send(new GetConsoleOutputCommand({ InstanceId }));
    const found = pattern.exec(Buffer.from(Output, "base64").toString());
    if (found !== null) return found;
    await new Promise(setImmediate);
  }
}

/** The instance's metadata service, as its programs reach it. */
async function endpointOf(id: string): Promise<string> {
  const [, endpoint = ""] = await consoleWith(id, /endpoint=(\S+)/);
  return endpoint;
}
const tellEndpoint = "echo endpoint=$AWS_EC2_METADATA_SERVICE_ENDPOINT";

describe("the metadata service", () => {
  it("tells an instance of itself, with a token only", async () => {
    const id = await kit().launch(tellEndpoint, {
      ImageId: await amazonLinux(cloud, "us-west-2"),
      MetadataOptions: { InstanceMetadataTags: "enabled" },
      TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "stage", Value: "blue" }] }],
    });
    const endpoint = await endpointOf(id);
    const get = (path: string, headers: Record<string, string> = {}) => fetch(`${endpoint}${path}`, { headers });
    expect((await get("/latest/meta-data/")).status).toBe(401);
    expect((await fetch(`${endpoint}/latest/api/token`, { method: "PUT" })).status).toBe(400);
    const token = await (
      await fetch(`${endpoint}/latest/api/token`, {
        method: "PUT",
        headers: { "x-aws-ec2-metadata-token-ttl-seconds": "60" },
      })
    ).text();
    const read = async (path: string) => (await get(`/latest/${path}`, { "x-aws-ec2-metadata-token": token })).text();
    const { PrivateIpAddress = "", ImageId, SubnetId } = await kit().describe(id);
    expect(await read("meta-data/instance-id")).toBe(id);
    expect(await read("meta-data/ami-id")).toBe(ImageId);
    expect(await read("meta-data/placement/availability-zone")).toBe("us-west-2a");
    expect(await read("meta-data/placement/region")).toBe("us-west-2");
    expect(await read("meta-data/local-ipv4")).toBe(PrivateIpAddress);
    expect(await read("meta-data/tags/instance")).toBe("stage");
    expect(await read("meta-data/tags/instance/stage")).toBe("blue");
    expect(await read("user-data")).toBe(tellEndpoint);
    const mac = await read("meta-data/mac");
    expect(await read(`meta-data/network/interfaces/macs/${mac}/subnet-id`)).toBe(SubnetId);
    expect((await read("meta-data/")).split("\n")).toContain("placement/");
    expect(JSON.parse(await read("dynamic/instance-identity/document"))).toMatchObject({
      instanceId: id,
      region: "us-west-2",
    });
    expect((await get("/latest/meta-data/none", { "x-aws-ec2-metadata-token": token })).status).toBe(404);

    await cloud.clock.advance({ seconds: 60 });
    expect((await get("/latest/meta-data/mac", { "x-aws-ec2-metadata-token": token })).status).toBe(401);
    await ec2.send(new ModifyInstanceMetadataOptionsCommand({ InstanceId: id, HttpTokens: "optional" }));
    expect((await get("/latest/meta-data/mac")).status).toBe(200);

    await cloud.crash();
    await cloud.start();
    ec2 = cloud.client(EC2Client, { region: "us-west-2" });
    await cloud.idle();
    expect((await get("/latest/meta-data/mac")).status).toBe(200);
  });

  it("gives an SDK inside of an instance its region and the role's credentials, with nothing configured", async () => {
    const script = `#!/bin/sh
cd ${process.cwd()}
exec node --input-type=module -e '
import { STSClient, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
const { Arn } = await new STSClient({}).send(new GetCallerIdentityCommand({}));
console.log("caller=" + Arn);
'
`;
    const id = await kit().launch(script, {
      ImageId: await amazonLinux(cloud, "us-west-2"),
      IamInstanceProfile: { Name: "web" },
    });
    const [, arn] = await consoleWith(id, /caller=(\S+)/);
    expect(arn).toBe(`arn:aws:sts::000000000000:assumed-role/web/${id}`);
  });
});
