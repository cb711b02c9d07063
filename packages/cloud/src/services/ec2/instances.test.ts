import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  CreateImageCommand,
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeLaunchTemplateVersionsCommand,
  EC2Client,
  GetConsoleOutputCommand,
  ModifyInstanceAttributeCommand,
  RebootInstancesCommand,
  RegisterImageCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";
import { amazonLinux, instanceKit } from "./ec2.test-kit.ts";

let cloud: TestCloud;
let ec2: EC2Client;
const kit = () => instanceKit(cloud, () => ec2);
beforeAll(async () => {
  cloud = await startTestCloud();
  ec2 = cloud.client(EC2Client);
});
afterAll(() => cloud.stop());

/** Serves whatever is in the file `page` of the disk, and says its process. */
const server = `#!/bin/sh
echo serving
exec node -e 'require("http").createServer((_, answer) => answer.end(String(process.pid))).listen(process.env.PORT)'
`;
const terminate = (...InstanceIds: string[]) => ec2.send(new TerminateInstancesCommand({ InstanceIds }));

/** What an instance answers on its port, once it does. */
async function ask(address: string | undefined, port = 8080): Promise<string> {
  for (;;) {
    try {
      return await (await fetch(`http://${address}:${port}/`)).text();
    } catch {
      await new Promise(setImmediate);
    }
  }
}

async function consoleWith(InstanceId: string, text: string): Promise<string> {
  for (;;) {
    const { Output = "" } = await ec2.send(new GetConsoleOutputCommand({ InstanceId }));
    const output = Buffer.from(Output, "base64").toString();
    if (output.includes(text)) return output;
    await new Promise(setImmediate);
  }
}

describe("an instance", () => {
  it("is a process that serves at the address that is told, until it is terminated", async () => {
    const tags = [{ ResourceType: "instance" as const, Tags: [{ Key: "trysail:port", Value: "9123" }] }];
    const id = await kit().launch(server, { TagSpecifications: tags });
    const { PrivateIpAddress, PublicIpAddress, Placement, State } = await kit().until(id, "running");
    expect(PublicIpAddress).toBe(PrivateIpAddress);
    expect(Placement?.AvailabilityZone).toBe("us-east-1a");
    expect(State).toEqual({ Code: 16, Name: "running" });
    expect(Number(await ask(PrivateIpAddress, 9123))).toBeGreaterThan(1);
    const { InstanceStatuses } = await ec2.send(new DescribeInstanceStatusCommand({ InstanceIds: [id] }));
    expect(InstanceStatuses).toMatchObject([{ InstanceStatus: { Status: "ok" }, SystemStatus: { Status: "ok" } }]);

    const { TerminatingInstances } = await terminate(id);
    expect(TerminatingInstances).toMatchObject([
      { InstanceId: id, CurrentState: { Name: "shutting-down" }, PreviousState: { Name: "running" } },
    ]);
    const gone = await kit().until(id, "terminated");
    expect(gone.StateTransitionReason).toMatch(/^User initiated \(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d GMT\)$/);
    expect(gone.StateReason).toEqual({
      Code: "Client.UserInitiatedShutdown",
      Message: "Client.UserInitiatedShutdown: User initiated shutdown",
    });
    expect(gone).not.toHaveProperty("PrivateIpAddress");
    await expect(fetch(`http://${PrivateIpAddress}:9123/`)).rejects.toThrow();
    await cloud.clock.advance({ hours: 1 });
    await expect(kit().describe(id)).rejects.toMatchObject({
      name: "InvalidInstanceID.NotFound",
      message: `The instance ID '${id}' does not exist`,
    });
  });

  it.each([
    ["stop", "stopped"],
    ["terminate", "terminated"],
  ] as const)("whose program is killed behaves as its shutdown behaviour says: %s", async (behaviour, state) => {
    const id = await kit().launch(server, { InstanceInitiatedShutdownBehavior: behaviour });
    const { PrivateIpAddress } = await kit().until(id, "running");
    process.kill(Number(await ask(PrivateIpAddress)), "SIGKILL");
    expect(await kit().until(id, state)).toMatchObject({
      StateReason: {
        Code: "Client.InstanceInitiatedShutdown",
        Message: "Client.InstanceInitiatedShutdown: Instance initiated shutdown",
      },
    });
    expect(await consoleWith(id, "Power down.")).toContain("A signal (9) has ended 01-user-data");
    await terminate(id);
  });

  it("goes on when its user data has ended, and says in its console's log how", async () => {
    const id = await kit().launch("echo hello from $AWS_REGION; (sleep 300 &); exit 3");
    const output = await consoleWith(id, "has failed");
    expect(output).toContain("hello from us-east-1");
    expect(output).toContain("01-user-data has failed with exit code 3. The instance goes on.");
    expect((await kit().describe(id)).State?.Name).toBe("running");
    await terminate(id);
    await kit().until(id, "terminated");
  });

  it("keeps its disk and address over a stop, and runs its user data once", async () => {
    const id = await kit().launch("echo once >>runs; pwd; cat runs");
    const { PrivateIpAddress, LaunchTime } = await kit().until(id, "running");
    const [disk = ""] = (await consoleWith(id, "once")).split("\n");
    await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
    expect(await kit().until(id, "stopped")).toMatchObject({
      PrivateIpAddress,
      StateReason: { Code: "Client.UserInitiatedShutdown" },
    });
    await cloud.clock.advance({ minutes: 1 });
    await ec2.send(new StartInstancesCommand({ InstanceIds: [id] }));
    const again = await kit().until(id, "running");
    expect(again.PrivateIpAddress).toBe(PrivateIpAddress);
    expect(again.LaunchTime?.getTime()).toBeGreaterThan(LaunchTime?.getTime() ?? 0);
    await ec2.send(new RebootInstancesCommand({ InstanceIds: [id] }));
    await cloud.idle();
    expect(await readFile(join(disk, "runs"), "utf8")).toBe("once\n");
    await terminate(id);
    await kit().until(id, "terminated");
    await cloud.idle();
    expect(existsSync(disk)).toBe(false);
  });

  it("switches itself off where its script switches the machine off", async () => {
    const id = await kit().launch("shutdown -h now; sleep 300", { InstanceInitiatedShutdownBehavior: "terminate" });
    await kit().until(id, "terminated");
  });

  it("is not terminated while that is protected", async () => {
    const id = await kit().launch(undefined, { DisableApiTermination: true });
    await expect(terminate(id)).rejects.toMatchObject({
      name: "OperationNotPermitted",
      message: `The instance '${id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
    });
    await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: id, DisableApiTermination: { Value: false } }));
    await terminate(id);
    await kit().until(id, "terminated");
  });
});

describe("RunInstances", () => {
  it("launches once for a client token", async () => {
    const token = { ClientToken: "token-1" };
    const id = await kit().launch(undefined, token);
    expect(await kit().launch(undefined, token)).toBe(id);
    await expect(kit().launch(undefined, { ...token, InstanceType: "t3.small" })).rejects.toMatchObject({
      name: "IdempotentParameterMismatch",
    });
    await terminate(id);
  });

  it("takes from the launch template what the request does not say, in the version that is named", async () => {
    const ImageId = await amazonLinux(cloud);
    const { LaunchTemplate: { LaunchTemplateId } = {} } = await ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: "web",
        LaunchTemplateData: {
          ImageId,
          InstanceType: "m5.large",
          TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "app", Value: "web" }] }],
        },
      }),
    );
    await ec2.send(
      new CreateLaunchTemplateVersionCommand({
        LaunchTemplateId,
        SourceVersion: "1",
        LaunchTemplateData: { InstanceType: "c5.large" },
      }),
    );
    const launch = (Version: string) =>
      kit().launch(undefined, {
        ImageId: undefined,
        InstanceType: undefined,
        LaunchTemplate: { LaunchTemplateId, Version },
      });
    const [first, latest] = [await launch("$Default"), await launch("$Latest")];
    expect(await kit().describe(first)).toMatchObject({
      InstanceType: "m5.large",
      Tags: [{ Key: "app", Value: "web" }],
    });
    expect(await kit().describe(latest)).toMatchObject({ InstanceType: "c5.large", ImageId });
    await expect(launch("7")).rejects.toMatchObject({ name: "InvalidLaunchTemplateId.VersionNotFound" });
    await terminate(first, latest);
  });

  it("finds the image by a parameter, as that is when it launches", async () => {
    const ssm = cloud.client(SSMClient);
    const put = (Value: string, DataType = "aws:ec2:image") =>
      ssm.send(new PutParameterCommand({ Name: "/golden", Type: "String", Value, DataType, Overwrite: true }));
    await put("ami-00000000000000000");
    const LaunchTemplateName = "golden";
    const data = { ImageId: "resolve:ssm:/golden", InstanceType: "t3.micro" as const };
    await ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData: data }));
    const launch = (ImageId?: string) => kit().launch(undefined, { ImageId, LaunchTemplate: { LaunchTemplateName } });
    await expect(launch()).rejects.toMatchObject({ name: "InvalidAMIID.NotFound" });
    const ImageId = await amazonLinux(cloud);
    await put(ImageId);
    const id = await launch();
    expect(await kit().describe(id)).toMatchObject({ ImageId });
    const imageOf = async (ResolveAlias: boolean) => {
      const { LaunchTemplateVersions } = await ec2.send(
        new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateName, ResolveAlias }),
      );
      return LaunchTemplateVersions?.[0]?.LaunchTemplateData?.ImageId;
    };
    expect([await imageOf(false), await imageOf(true)]).toEqual([data.ImageId, ImageId]);

    await expect(launch("resolve:ssm:/golden:1")).rejects.toMatchObject({ name: "InvalidAMIID.NotFound" });
    await expect(launch("resolve:ssm:/none")).rejects.toMatchObject({ name: "SsmInvalidParameter" });
    await put(ImageId, "text");
    await expect(launch()).rejects.toMatchObject({
      name: "SsmInvalidParameter",
      message: "Unsupported data type. The following parameter data types are supported: aws:ec2:image",
    });
    await terminate(id);
  });

  it.each([
    [{ ImageId: "ami-00000000000000000" }, "InvalidAMIID.NotFound"],
    [{ ImageId: "image" }, "InvalidAMIID.Malformed"],
    [{ InstanceType: "t9.huge" as "t2.nano" }, "InvalidParameterValue"],
    [{ InstanceType: "t4g.micro" as const }, "InvalidParameterValue"],
    [{ SubnetId: "subnet-00000000000000000" }, "InvalidSubnetID.NotFound"],
    [{ SecurityGroupIds: ["sg-00000000000000000"] }, "InvalidGroup.NotFound"],
    [{ KeyName: "none" }, "InvalidKeyPair.NotFound"],
    [{ IamInstanceProfile: { Name: "none" } }, "InvalidParameterValue"],
    [{ UserData: "%%" }, "InvalidUserData.Malformed"],
    [{ MinCount: 3, MaxCount: 2 }, "InvalidParameterValue"],
    [{ DryRun: true }, "DryRunOperation"],
    [{ CpuOptions: { CoreCount: 1 } }, "UnsupportedOperation"],
    [{ NetworkInterfaces: [{ DeviceIndex: 0, Ipv6AddressCount: 1 }] }, "UnsupportedOperation"],
    [{ PrivateDnsNameOptions: { HostnameType: "resource-name" as const } }, "UnsupportedOperation"],
    [{ BlockDeviceMappings: [{ DeviceName: "/dev/sdb", Ebs: { SnapshotId: "snap-1" } }] }, "InvalidSnapshot.NotFound"],
  ])("refuses %j with %s", async (input, name) => {
    await expect(kit().launch(undefined, input)).rejects.toMatchObject({ name });
  });
});

describe("DescribeInstances", () => {
  it("finds by filters, by pages, and says what is not there", async () => {
    const { Instances = [] } = await ec2.send(
      new RunInstancesCommand({
        ImageId: await amazonLinux(cloud),
        InstanceType: "t3.nano",
        MinCount: 6,
        MaxCount: 6,
        TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "fleet", Value: "six-1" }] }],
      }),
    );
    const Filters = [
      { Name: "tag:fleet", Values: ["six-?"] },
      { Name: "instance-type", Values: ["t3.*"] },
    ];
    const seen: (string | undefined)[] = [];
    for (let NextToken: string | undefined, first = true; first || NextToken !== undefined; first = false) {
      const page = await ec2.send(new DescribeInstancesCommand({ Filters, MaxResults: 5, NextToken }));
      seen.push(
        ...(page.Reservations ?? []).flatMap((one) => (one.Instances ?? []).map(({ InstanceId }) => InstanceId)),
      );
      NextToken = page.NextToken;
    }
    expect(seen.toSorted()).toEqual(Instances.map(({ InstanceId }) => InstanceId).toSorted());
    await expect(ec2.send(new DescribeInstancesCommand({ MaxResults: 4 }))).rejects.toMatchObject({
      name: "InvalidParameterValue",
    });
    await expect(ec2.send(new DescribeInstancesCommand({ InstanceIds: ["i-1"] }))).rejects.toMatchObject({
      name: "InvalidInstanceID.Malformed",
      message: 'Invalid id: "i-1"',
    });
    await expect(
      ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: "colour", Values: ["red"] }] })),
    ).rejects.toMatchObject({ name: "InvalidParameterValue", message: "The filter 'colour' is invalid" });
    await terminate(...seen.map(String));
  });
});

describe("images", () => {
  it("are the disk of their instances, which run the program `start` that is in it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "trysail-image-"));
    try {
      await writeFile(join(folder, "start"), "#!/bin/sh\necho from $(cat version); exec sleep 300\n", { mode: 0o755 });
      await writeFile(join(folder, "version"), "v1");
      await promisify(execFile)("tar", ["-czf", "image.tar.gz", "start", "version"], { cwd: folder });
      const s3 = cloud.client(S3Client);
      await s3.send(new CreateBucketCommand({ Bucket: "images" }));
      await s3.send(
        new PutObjectCommand({ Bucket: "images", Key: "a/v1", Body: await readFile(join(folder, "image.tar.gz")) }),
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    const register = (ImageLocation: string) =>
      ec2.send(new RegisterImageCommand({ Name: "service v1", ImageLocation }));
    await expect(register("images/none")).rejects.toMatchObject({ name: "InvalidManifest" });
    const { ImageId = "" } = await register("images/a/v1");
    const id = await kit().launch("echo v2 >version", { ImageId });
    expect(await consoleWith(id, "from")).toContain("from v2");

    const { ImageId: copy } = await ec2.send(new CreateImageCommand({ InstanceId: id, Name: "service v2" }));
    const second = await kit().launch(undefined, { ImageId: copy });
    expect(await consoleWith(second, "from")).toContain("from v2");
    await terminate(id, second);
    await Promise.all([id, second].map((one) => kit().until(one, "terminated")));
  });
});

describe("instances and Trysail's own end", () => {
  it("survive a crash of Trysail, and what has died meanwhile is noticed", async () => {
    const [lives, dies] = [await kit().launch(server), await kit().launch(server)];
    const [first, second] = [await kit().until(lives, "running"), await kit().until(dies, "running")];
    const [pid, doomed] = [await ask(first.PrivateIpAddress), await ask(second.PrivateIpAddress)];
    await cloud.crash();
    expect(await ask(first.PrivateIpAddress)).toBe(pid);
    process.kill(Number(doomed), "SIGKILL");
    await cloud.start();
    ec2 = cloud.client(EC2Client);
    await kit().until(dies, "stopped");
    expect((await kit().describe(lives)).State?.Name).toBe("running");
    expect(await ask(first.PrivateIpAddress)).toBe(pid);
    await terminate(lives, dies);
    await kit().until(lives, "terminated");
  });

  it("are started again where Trysail was stopped in order", async () => {
    const id = await kit().launch(server);
    const { PrivateIpAddress } = await kit().until(id, "running");
    const pid = await ask(PrivateIpAddress);
    await cloud.restart();
    ec2 = cloud.client(EC2Client);
    expect(await ask(PrivateIpAddress)).not.toBe(pid);
    expect((await kit().describe(id)).State?.Name).toBe("running");
    await terminate(id);
    await kit().until(id, "terminated");
  });
});
