import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ECSClient } from "@aws-sdk/client-ecs";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SSMClient } from "@aws-sdk/client-ssm";
import type { Millis } from "@trysail/core";
import type { Call } from "../run/port.ts";
import { failureOf } from "./failures.ts";
import { sdkConfig, type ClientConfig } from "./sdk-config.ts";

/** The clients of one region. */
export interface RegionClients {
  readonly region: string;
  readonly autoScaling: AutoScalingClient;
  readonly cloudWatch: CloudWatchClient;
  readonly ec2: EC2Client;
  readonly ecs: ECSClient;
  readonly events: EventBridgeClient;
  readonly loadBalancing: ElasticLoadBalancingV2Client;
  readonly ssm: SSMClient;
  close(): void;
}

/** Who is told each attempt of each call, for the journal and to keep count. */
export interface Listener {
  readonly onCall: (call: Call) => void;
  readonly now: () => Millis;
}

export function regionClients(config: ClientConfig, listener: Listener): RegionClients {
  const common = sdkConfig(config);
  const told = <T extends Client>(client: T): T => tellCalls(client, config.region, listener);
  const clients = {
    autoScaling: told(new AutoScalingClient(common)),
    cloudWatch: told(new CloudWatchClient(common)),
    ec2: told(new EC2Client(common)),
    ecs: told(new ECSClient(common)),
    events: told(new EventBridgeClient(common)),
    loadBalancing: told(new ElasticLoadBalancingV2Client(common)),
    ssm: told(new SSMClient(common)),
  };
  return {
    region: config.region,
    ...clients,
    close() {
      for (const client of Object.values(clients)) client.destroy();
    },
  };
}

/** What all SDK clients have, as far as it is needed here. */
interface Client {
  readonly config: { readonly serviceId: string };
  readonly middlewareStack: { add: (middleware: never, options: never) => void };
}

type Context = { readonly commandName?: string };
type Next = (args: { readonly input: object }) => Promise<unknown>;

const isReading = (operation: string) => /^(Describe|Get|List|Head)/.test(operation);

function tellCalls<T extends Client>(client: T, region: string, { onCall, now }: Listener): T {
  const resources = new WeakMap<Context, string | undefined>();
  const add = (step: "initialize" | "finalizeRequest", middleware: (next: Next, context: Context) => Next) =>
    // Last in its step: inside of the retries, so that each attempt is told.
    client.middlewareStack.add(middleware as never, { step, priority: "low", name: `tellCalls-${step}` } as never);
  add("initialize", (next, context) => (args) => {
    resources.set(context, resourceOf(args.input));
    return next(args);
  });
  add("finalizeRequest", (next, context) => async (args) => {
    const startedAt = now();
    const tell = (outcome: string) => {
      const operation = (context.commandName ?? "").replace(/Command$/, "");
      const service = client.config.serviceId.toLowerCase().replaceAll(" ", "");
      const isMutating = !isReading(operation);
      const ms = now() - startedAt;
      onCall({ region, service, operation, resource: resources.get(context), startedAt, ms, outcome, isMutating });
    };
    const result = await next(args).catch((error: unknown) => {
      tell(failureOf(error).code);
      throw error;
    });
    tell("ok");
    return result;
  });
  return client;
}

/** Members of inputs that name what a call is about, the most telling first. */
const naming = [
  "AutoScalingGroupName",
  "LaunchTemplateId",
  "TargetGroupArn",
  "RuleArn",
  "ListenerArn",
  "serviceName",
  "service",
  "family",
  "taskDefinition",
  "Name",
];

function resourceOf(input: object): string | undefined {
  const members = input as Readonly<Record<string, unknown>>;
  const found = naming.map((name) => members[name]).find((value) => typeof value === "string");
  return typeof found === "string" ? found : undefined;
}
