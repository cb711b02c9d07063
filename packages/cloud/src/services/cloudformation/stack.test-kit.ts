import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from "@aws-sdk/client-cloudformation";
import type { CreateStackCommandInput, Stack } from "@aws-sdk/client-cloudformation";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";

/** What a template has become. */
export interface Deployed {
  readonly stackId: string;
  readonly status: string | undefined;
  readonly outputs: Readonly<Record<string, string>>;
  /** Physical ids by logical ids. */
  readonly resources: Readonly<Record<string, string | undefined>>;
  /** The reasons of resources that failed, as `Bucket: …`. */
  readonly reasons: readonly string[];
}

export interface DeployOptions extends Omit<Partial<CreateStackCommandInput>, "Parameters"> {
  readonly name?: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** Deploys templates in a test's cloud, as a user's client does. */
export interface StackKit {
  readonly client: CloudFormationClient;
  /** Creates the stack, or updates it if it is there, and waits until that has ended, well or not. */
  deploy(template: object | string, options?: DeployOptions): Promise<Deployed>;
  /** Deletes the stack. @returns its last status */
  remove(name?: string): Promise<string | undefined>;
  describe(nameOrId?: string): Promise<Deployed>;
}

/** @defaultValue the stack's name is "test" */
export function stackKit(cloud: TestCloud, region = "us-east-1"): StackKit {
  const client = cloud.client(CloudFormationClient, { region });

  const find = async (name: string): Promise<Stack | undefined> => {
    try {
      return (await client.send(new DescribeStacksCommand({ StackName: name }))).Stacks?.[0];
    } catch {
      return undefined;
    }
  };

  const ended = (name: string): Promise<Stack> =>
    cloud.eventually(async () => {
      const stack = await find(name);
      return stack !== undefined && !stack.StackStatus?.endsWith("_IN_PROGRESS") ? stack : undefined;
    });

  const describe = async (name = "test"): Promise<Deployed> => {
    const stack = await ended(name);
    const StackName = stack.StackId ?? name;
    const { StackResources = [] } = await client.send(new DescribeStackResourcesCommand({ StackName }));
    const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName }));
    return {
      stackId: StackName,
      status: stack.StackStatus,
      outputs: Object.fromEntries(
        (stack.Outputs ?? []).map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]),
      ),
      resources: Object.fromEntries(
        StackResources.map(({ LogicalResourceId = "", PhysicalResourceId }) => [LogicalResourceId, PhysicalResourceId]),
      ),
      reasons: StackEvents.filter(({ ResourceStatus = "" }) => ResourceStatus.endsWith("_FAILED")).map(
        ({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`,
      ),
    };
  };

  return {
    client,
    describe,
    async deploy(template, { name = "test", parameters = {}, ...input } = {}) {
      const request = {
        TemplateBody: typeof template === "string" ? template : JSON.stringify(template),
        Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
          ParameterKey,
          ParameterValue,
        })),
        Capabilities: ["CAPABILITY_NAMED_IAM" as const, "CAPABILITY_AUTO_EXPAND" as const],
        ...input,
        StackName: name,
      };
      const command =
        (await find(name)) === undefined ? new CreateStackCommand(request) : new UpdateStackCommand(request);
      const { StackId = name } = await client.send(command);
      return describe(StackId);
    },
    async remove(name = "test") {
      const id = (await find(name))?.StackId ?? name;
      await client.send(new DeleteStackCommand({ StackName: id }));
      return (await ended(id)).StackStatus;
    },
  };
}
