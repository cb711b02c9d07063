import { ECSClient, DescribeTasksCommand, RegisterTaskDefinitionCommand } from "@aws-sdk/client-ecs";
import type { ContainerDefinition, RegisterTaskDefinitionCommandInput, Task } from "@aws-sdk/client-ecs";
import type { TestCloud } from "../../testing/test-cloud.test-kit.ts";

/** A container that runs a shell's script until it is ended. */
export function shell(script: string, more: Partial<ContainerDefinition> = {}): ContainerDefinition {
  return { name: "app", image: "busybox", command: ["sh", "-c", script], memory: 64, ...more };
}

/** A script that ends at once when it is asked to. */
export const untilAsked = "trap 'exit 0' TERM; while :; do sleep 0.05; done";

export interface Kit {
  readonly ecs: ECSClient;
  /** Registers a task definition of these containers. @returns its ARN */
  register(
    containers: readonly ContainerDefinition[],
    more?: Partial<RegisterTaskDefinitionCommandInput>,
  ): Promise<string>;
  /** The task, once it is as asked for. */
  taskThat(taskArn: string | undefined, is: (task: Task) => boolean): Promise<Task>;
  inStatus(taskArn: string | undefined, status: string): Promise<Task>;
}

export function ecsKit(cloud: TestCloud): Kit {
  const ecs = cloud.client(ECSClient);
  const taskThat: Kit["taskThat"] = (taskArn = "", is) =>
    cloud.eventually(async () => {
      const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ tasks: [taskArn] }));
      return tasks.find(is);
    });
  return {
    ecs,
    async register(containers, more = {}) {
      const { taskDefinition } = await ecs.send(
        new RegisterTaskDefinitionCommand({ family: "app", containerDefinitions: [...containers], ...more }),
      );
      return taskDefinition?.taskDefinitionArn ?? "";
    },
    taskThat,
    inStatus: (taskArn, status) => taskThat(taskArn, ({ lastStatus }) => lastStatus === status),
  };
}
