import type { ContainerDefinition } from "@aws-sdk/client-ecs";
import { firstProblem, problemAmong } from "./container-rules.ts";
import type { Problem } from "./container-rules.ts";

/** Whether following dependencies leads from a container back to itself. */
function isCyclic(containers: readonly ContainerDefinition[]): boolean {
  const settled = new Set<string>();
  let left = [...containers];
  for (;;) {
    const next = left.filter(
      ({ dependsOn = [] }) => !dependsOn.every(({ containerName = "" }) => settled.has(containerName)),
    );
    for (const { name = "" } of left) if (!next.some((other) => other.name === name)) settled.add(name);
    if (next.length === left.length) return next.length > 0;
    left = next;
  }
}

/** The rules of `dependsOn`. @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html */
export function dependencyProblem(containers: readonly ContainerDefinition[]): Problem {
  const byName = new Map(containers.map((container) => [container.name, container]));
  return firstProblem(
    () =>
      problemAmong(containers, ({ name, dependsOn = [] }) =>
        problemAmong(dependsOn, ({ containerName, condition }) => {
          const other = byName.get(containerName);
          if (other === undefined)
            return `Container '${name}' depends on container '${containerName}', which is not in the task definition.`;
          if (condition === "HEALTHY" && other.healthCheck === undefined)
            return "A dependency container with HEALTHY condition must have a health check defined.";
          if ((condition === "SUCCESS" || condition === "COMPLETE") && other.essential !== false)
            return "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container";
          return undefined;
        }),
      ),
    () => (isCyclic(containers) ? "Container dependencies must not contain a cycle." : undefined),
  );
}
