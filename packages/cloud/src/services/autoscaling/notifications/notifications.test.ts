import {
  CompleteLifecycleActionCommand,
  DeleteNotificationConfigurationCommand,
  DescribeAutoScalingNotificationTypesCommand,
  DescribeLifecycleHooksCommand,
  DescribeNotificationConfigurationsCommand,
  PutLifecycleHookCommand,
  PutNotificationConfigurationCommand,
  SetDesiredCapacityCommand,
} from "@aws-sdk/client-auto-scaling";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestCloud } from "../../../testing/test-cloud.test-kit.ts";
import type { TestCloud } from "../../../testing/test-cloud.test-kit.ts";
import { stackKit } from "../../cloudformation/stack.test-kit.ts";
import { startSubscriber } from "../../sns/subscriber.test-kit.ts";
import type { Subscriber } from "../../sns/subscriber.test-kit.ts";
import { fleetKit } from "../autoscaling.test-kit.ts";
import type { FleetKit } from "../autoscaling.test-kit.ts";

let cloud: TestCloud;
let kit: FleetKit;
let inbox: Subscriber;
let template: string;
let topic: string;
beforeAll(async () => {
  cloud = await startTestCloud();
  kit = fleetKit(cloud);
  template = await kit.template();
  inbox = await startSubscriber();
  const sns = cloud.client(SNSClient);
  topic = (await sns.send(new CreateTopicCommand({ Name: "fleet" }))).TopicArn ?? "";
  await sns.send(new SubscribeCommand({ TopicArn: topic, Protocol: "http", Endpoint: inbox.url }));
  const [asked] = await cloud.eventually(() => inbox.received.length > 0 && inbox.received);
  await fetch(asked?.json["SubscribeURL"] ?? "");
});
afterAll(async () => {
  await inbox.close();
  await cloud.stop();
});

/** What the topic was told of a group, when one of the messages says that. */
const told = (group: string, member: string, value: string) =>
  cloud.eventually(() =>
    inbox.received
      .filter(({ json }) => json["Type"] === "Notification")
      .map(({ json }) => ({ subject: json["Subject"], ...(JSON.parse(json["Message"] ?? "{}") as object) }))
      .map((message) => message as Readonly<Record<string, string>>)
      .find((message) => message["AutoScalingGroupName"] === group && message[member] === value),
  );

describe("a group", () => {
  it("tells topics when it launches and terminates instances, and tries them out before", async () => {
    await kit.create("telling", template);
    const put = (TopicARN: string, ...NotificationTypes: string[]) =>
      kit.client.send(
        new PutNotificationConfigurationCommand({ AutoScalingGroupName: "telling", TopicARN, NotificationTypes }),
      );
    await put(topic, "autoscaling:EC2_INSTANCE_LAUNCH", "autoscaling:EC2_INSTANCE_TERMINATE");
    expect(await told("telling", "Event", "autoscaling:TEST_NOTIFICATION")).toMatchObject({
      subject: 'Auto Scaling: test notification for group "telling"',
      Service: "AWS Auto Scaling",
    });
    await expect(put(`${topic}-gone`, "autoscaling:EC2_INSTANCE_LAUNCH")).rejects.toMatchObject({
      name: "ValidationError",
      message: expect.stringContaining("Unable to publish test message to notification target") as unknown,
    });
    await expect(put(topic, "autoscaling:EC2_INSTANCE_NAP")).rejects.toMatchObject({ name: "ValidationError" });

    const desire = (DesiredCapacity: number) =>
      kit.client.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: "telling", DesiredCapacity }));
    await desire(1);
    const [instance] = await kit.settled("telling", 1);
    const launch = await told("telling", "Event", "autoscaling:EC2_INSTANCE_LAUNCH");
    expect(launch).toMatchObject({
      subject: 'Auto Scaling: launch for group "telling"',
      AccountId: "000000000000",
      EC2InstanceId: instance?.InstanceId,
      Description: `Launching a new EC2 instance: ${instance?.InstanceId}`,
      StatusCode: "InProgress",
      Origin: "EC2",
      Destination: "AutoScalingGroup",
    });
    await desire(0);
    await told("telling", "Event", "autoscaling:EC2_INSTANCE_TERMINATE");

    const list = async () =>
      (
        await kit.client.send(new DescribeNotificationConfigurationsCommand({ AutoScalingGroupNames: ["telling"] }))
      ).NotificationConfigurations?.map(({ NotificationType }) => NotificationType);
    expect(await list()).toEqual(["autoscaling:EC2_INSTANCE_LAUNCH", "autoscaling:EC2_INSTANCE_TERMINATE"]);
    await kit.client.send(
      new DeleteNotificationConfigurationCommand({ AutoScalingGroupName: "telling", TopicARN: topic }),
    );
    expect(await list()).toEqual([]);
    const types = await kit.client.send(new DescribeAutoScalingNotificationTypesCommand({}));
    expect(types.AutoScalingNotificationTypes).toHaveLength(5);
  });

  it("tells a hook's topic which instance waits, and with which token it goes on", async () => {
    await kit.create("hooked", template);
    const hook = { AutoScalingGroupName: "hooked", LifecycleHookName: "prepare" };
    await kit.client.send(
      new PutLifecycleHookCommand({
        ...hook,
        LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING",
        NotificationTargetARN: topic,
        NotificationMetadata: "of the hook",
        RoleARN: "arn:aws:iam::000000000000:role/hooks",
      }),
    );
    await told("hooked", "Event", "autoscaling:TEST_NOTIFICATION");
    const { LifecycleHooks } = await kit.client.send(new DescribeLifecycleHooksCommand(hook));
    expect(LifecycleHooks).toMatchObject([{ NotificationTargetARN: topic }]);
    await kit.client.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: "hooked", DesiredCapacity: 1 }));
    const waiting = await told("hooked", "LifecycleTransition", "autoscaling:EC2_INSTANCE_LAUNCHING");
    expect(waiting).toMatchObject({ LifecycleHookName: "prepare", NotificationMetadata: "of the hook" });
    expect(waiting["subject"]).toContain("Lifecycle action 'LAUNCHING' for instance i-");
    await kit.client.send(
      new CompleteLifecycleActionCommand({
        ...hook,
        LifecycleActionToken: waiting["LifecycleActionToken"],
        LifecycleActionResult: "CONTINUE",
      }),
    );
    await kit.settled("hooked", 1);
  });

  it("of a stack tells the template's topics, until they are not in it any more", async () => {
    const stacks = stackKit(cloud);
    const group = (notifications: object) => ({
      Resources: {
        Topic: { Type: "AWS::SNS::Topic" },
        Group: {
          Type: "AWS::AutoScaling::AutoScalingGroup",
          Properties: {
            MinSize: "0",
            MaxSize: "1",
            AvailabilityZones: ["us-east-1a"],
            LaunchTemplate: { LaunchTemplateId: template, Version: "1" },
            ...notifications,
          },
        },
      },
    });
    const NotificationConfigurations = [
      { TopicARN: { Ref: "Topic" }, NotificationTypes: ["autoscaling:EC2_INSTANCE_LAUNCH_ERROR"] },
    ];
    const list = async (name: string | undefined) =>
      (await kit.client.send(new DescribeNotificationConfigurationsCommand({ AutoScalingGroupNames: [name ?? ""] })))
        .NotificationConfigurations;
    const { resources, reasons } = await stacks.deploy(group({ NotificationConfigurations }));
    expect(reasons).toEqual([]);
    expect(await list(resources["Group"])).toEqual([
      {
        AutoScalingGroupName: resources["Group"],
        TopicARN: resources["Topic"],
        NotificationType: "autoscaling:EC2_INSTANCE_LAUNCH_ERROR",
      },
    ]);
    expect((await stacks.deploy(group({}))).status).toBe("UPDATE_COMPLETE");
    expect(await list(resources["Group"])).toEqual([]);
    expect(await stacks.remove()).toBe("DELETE_COMPLETE");
  });
});
