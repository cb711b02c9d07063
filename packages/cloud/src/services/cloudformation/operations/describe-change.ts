import type { Change, ResourceChangeDetail } from "@aws-sdk/client-cloudformation";
import type { ResourcePlan } from "../changes/plan.ts";

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html */
export function describeChange(plan: ResourcePlan, withValues: boolean): Change {
  const details: ResourceChangeDetail[] = plan.details.map(
    ({ attribute, name, recreation, evaluation, source, causingEntity }) => ({
      Target: {
        Attribute: attribute,
        Name: name,
        RequiresRecreation: recreation,
        ...(withValues &&
          name !== undefined && {
            Path: `/Properties/${name}`,
            BeforeValue: textOf(plan.before?.[name]),
            AfterValue: textOf(plan.after?.[name]),
          }),
      },
      Evaluation: evaluation,
      ChangeSource: source,
      CausingEntity: causingEntity,
    }),
  );
  const context = (properties: ResourcePlan["before"]) =>
    properties === undefined ? undefined : JSON.stringify({ Properties: properties });
  return {
    Type: "Resource",
    ResourceChange: {
      PolicyAction: plan.policyAction,
      Action: plan.action,
      LogicalResourceId: plan.logicalId,
      PhysicalResourceId: plan.physicalId,
      ResourceType: plan.type,
      Replacement: plan.replacement,
      Scope: [...plan.scope],
      Details: details,
      ...(withValues && { BeforeContext: context(plan.before), AfterContext: context(plan.after) }),
    },
  };
}

function textOf(value: unknown): string | undefined {
  return value === undefined || typeof value === "string" ? value : JSON.stringify(value);
}
